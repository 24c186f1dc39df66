import { interactionCommand } from "../training/interaction.ts";

/** `propria finetune drmm` */
export default interactionCommand({
  model: "drmm",
  description:
    "Trains DRMM: histograms of how the words of a document match each word of the query, over word vectors.",
  ...{ batch: 20, lr: "1e-2" },
});
