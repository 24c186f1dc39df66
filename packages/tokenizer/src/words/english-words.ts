/** The words `[a-zA-Z]+` of a text, lower-cased, in order: what PROP counts and samples. */
export function englishWords(text: string): string[] {
  const words: string[] = text.match(/[a-zA-Z]+/g) ?? [];
  for (let i = 0; i < words.length; i++) words[i] = words[i]!.toLowerCase();
  return words;
}
