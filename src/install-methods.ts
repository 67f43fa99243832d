/** The one import with an effect: gives tensors their methods. Every public entry that hands out tensors begins with it. */

import { installMethods } from "./methods.ts";

installMethods();
