/** The page with the address of the server: all of it is made by the server but the theme. */
import { openPage } from "./ui/page.js";

openPage();
