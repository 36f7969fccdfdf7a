/** A card's code leads to the page where one signs in, with the key behind `#`, which no server and no other
 * page is told. It goes into the field and out of the address; signing in stays a press of the button, so that
 * no link of somebody else signs anybody in.
 */

const field = document.querySelector("input[name=key]");
const given = new URLSearchParams(location.hash.slice(1)).get("key");
if (field instanceof HTMLInputElement && given) {
  history.replaceState(null, "", location.pathname + location.search);
  field.value = given;
  field.form?.querySelector("button[type=submit]")?.focus();
}
