/** The unit of a corpus: what ids, qrels and runs refer to. */
export interface Document {
  id: string;
  /** Empty where there is none. */
  title: string;
  text: string;
}

/** What a user asks. */
export interface Query {
  id: string;
  text: string;
}

/** Title and text as one text, for models and indexes: joined by a space, as BEIR does. */
export const documentText = ({ title, text }: Pick<Document, "title" | "text">): string =>
  title === "" ? text : text === "" ? title : `${title} ${text}`;
