/** The words `[a-zA-Z]+` of a text, lower-cased, in order: what PROP counts and samples. */
export function englishWords(text: string): string[] {
  return text.match(/[a-zA-Z]+/g)?.map((word) => word.toLowerCase()) ?? [];
}
