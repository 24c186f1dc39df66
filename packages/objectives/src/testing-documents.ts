/** Texts for the contract suite, written for it. */
import { type Document, documentText } from "@propria/collection";
import { englishWords, SPECIAL_TOKENS } from "@propria/tokenizer";

const TEXTS: readonly (readonly [title: string, text: string])[] = [
  [
    "Rivers",
    "A river carries water from the hills to the sea. In spring the snow melts and the river rises; meadows along its banks are flooded and the mud it leaves makes them fertile. In summer the water is low, and herons stand in the shallows where children look for smooth stones. Old mills turned by the river ground the grain of three villages.",
  ],
  [
    "Bread",
    "Bread needs flour, water, salt and time. The baker mixes the dough in the evening and lets it rest through the night. Before dawn it is shaped into loaves, which rise once more in baskets of willow. The oven is heated with dry beech; when the stones are white, the loaves go in, and after an hour the crust sings as it cools.",
  ],
  [
    "Lighthouses",
    "A lighthouse warns ships of rocks that the night hides. Its lamp stands behind a lens of many glass rings, which gather the light into one beam that sailors see for twenty miles. Keepers once climbed the stairs each evening to trim the wick and to wind the clockwork. Today the lamps are electric, and nobody lives in the towers.",
  ],
  [
    "Bees",
    "Bees gather nectar from clover, lime and heather. A scout that has found a meadow returns to the hive and dances: the angle of the dance tells the direction, its length tells the distance. Thousands of workers fly out, and by autumn the combs are full of honey. The queen lays eggs, and the hive sleeps in a warm cluster through winter.",
  ],
  [
    "Maps",
    "To draw a map one measures angles from a church tower to two other towers, and then the length of one side. From the triangle all other distances follow by arithmetic. Surveyors covered whole countries with such triangles, carrying brass instruments over mountains. Printers engraved the sheets in copper, and coloured the borders by hand.",
  ],
  [
    "Clocks",
    "A pendulum swings evenly however wide its arc, or nearly so, and that makes it good at keeping time. A falling weight drives the wheels, and an anchor lets one tooth escape with each swing. At sea a pendulum is useless, so navigators waited for a clock with a spring, which told them the longitude to within a few miles.",
  ],
  [
    "Forests",
    "An old forest has trees of every age. Where a beech has fallen, light reaches the ground and seedlings race each other upward. Fungi and beetles turn the trunk into soil. Woodpeckers nest in the dead branches, and later owls and bats move into the holes. A forest planted in rows, all pine of one year, is quiet beside it.",
  ],
  [
    "Printing",
    "The printer sets a page letter by letter from a case of lead type, locks the lines into a frame, and inks them with a roller. Paper is laid on top and the press is pulled. Before printing, a scribe needed a year for a large book; afterwards a workshop made hundreds in the same time, and reading spread to towns and farms.",
  ],
];

/** Eight texts of some 60 words. */
export const testDocuments: readonly Document[] = TEXTS.map(([title, text], i) => ({ id: `text-${i}`, title, text }));

/** All texts, many times over, as one document: some 20,000 words. */
export function longDocument(documents: readonly Document[]): Document {
  const text = documents.map(documentText).join(" ");
  const times = Math.ceil(120_000 / Math.max(1, text.length)); // characters
  return { id: "long", title: "Everything", text: `${text} `.repeat(times) };
}

const PIECE_LETTERS = 5;

/** A vocabulary for these texts: the special tokens, punctuation, ideographs, and the words cut after five letters, so that there are continuations. */
export function testVocabulary(documents: readonly Document[] = testDocuments): string[] {
  const pieces = new Set<string>([...SPECIAL_TOKENS, ".", ",", ";", ":"]);
  const texts = documents.map(documentText);
  for (const ideograph of texts.join("").match(/\p{Script=Han}/gu) ?? []) pieces.add(ideograph);
  for (const word of texts.flatMap(englishWords)) {
    pieces.add(word.slice(0, PIECE_LETTERS));
    if (word.length > PIECE_LETTERS) pieces.add(`##${word.slice(PIECE_LETTERS)}`);
  }
  return [...pieces];
}
