/** The page with the address of the server: all of it is made by the server but the theme. */
import { mountTheme } from "./panels/theme.js";
import { createStore } from "./store.js";

mountTheme(createStore({ theme: { initial: "auto" } }));
