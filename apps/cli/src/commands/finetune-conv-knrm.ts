import { interactionCommand } from "../training/interaction.ts";

/** `propria finetune conv-knrm` */
export default interactionCommand({
  model: "conv-knrm",
  description: "Trains Conv-KNRM: kernels over the similarities of n-grams, made of word vectors that learn too.",
  ...{ batch: 16, lr: "1e-3" },
});
