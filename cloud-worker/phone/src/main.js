/** What runs when the page is opened. */

import { run } from "./driver.js";
import { takeToken } from "./entry.js";
import { claimsOf, tokenOf } from "./token.js";
import { showStop } from "./view.js";

addEventListener("hashchange", () => {
  if (tokenOf(location.hash)) location.reload();
});

const token = takeToken();
const claims = token && claimsOf(token);
if (token && claims) await run(token, claims);
else showStop(token ? "refused" : "missing");
