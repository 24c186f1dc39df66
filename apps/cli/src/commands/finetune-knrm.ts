import { interactionCommand } from "../training/interaction.ts";

/** `propria finetune knrm` */
export default interactionCommand({
  model: "knrm",
  description: "Trains K-NRM: kernels over the similarities of words, whose vectors learn too.",
  ...{ batch: 16, lr: "1e-3" },
});
