/** What a report is made from. */
export interface ReportOptions {
  /** Folder of results. */
  results: string;
  /** Folder to write `report.md` and `report.html` into. */
  out: string;
}

/** Where the report stands. */
export interface ReportFiles {
  markdown: string;
  html: string;
}

/** Builds the report from results alone; nothing is run. */
export async function writeReport(_options: ReportOptions): Promise<ReportFiles> {
  throw new Error("not there yet");
}
