/**
 * The page with the address of the server, made by the server but for the theme. Where this browser
 * teaches a class, with the code of that. Also the page of a wrong address.
 */
import { openKept } from "./classroom/kept.js";
import { openPage } from "./ui/page.js";

openPage();
const room = openKept().shown();
const query = new URLSearchParams(location.search);
if (room && document.querySelector(".typed") && !query.has("room")) {
  query.set("room", room);
  location.search = query.toString();
}
