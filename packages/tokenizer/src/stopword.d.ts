/** The part of the npm package `stopword` that is used here; it comes without types. */
declare module "stopword" {
  export const eng: string[];
  export const zho: string[];
}
