/** Real collections, where a machine has them. */
export const dataFolder = process.env.PROPRIA_DATA ?? "";
