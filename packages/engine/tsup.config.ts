import { library } from "../../tsup.base.ts";

// tfjs-core's gradients are ES modules in a CommonJS package, which Node does not load: they travel in our build.
export default library(undefined, { noExternal: ["@tensorflow/tfjs-core/dist/register_all_gradients.js"] });
