/** The page with the address of the server: all of it is made by the server but the theme. */

import { createStore } from "./state/store.js";
import { mountTheme } from "./ui/theme.js";

mountTheme(createStore({ theme: { initial: "auto" } }));
