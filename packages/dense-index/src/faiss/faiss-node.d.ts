/** The part of faiss-node that is used here: the package is optional, and its types go with it. */
declare module "faiss-node" {
  export enum MetricType {
    METRIC_INNER_PRODUCT = 0,
    METRIC_L2 = 1,
  }

  export class Index {
    static fromFactory(dimensions: number, factory: string, metric?: MetricType): Index;
    static read(path: string): Index;
    add(vectors: number[]): void;
    train(vectors: number[]): void;
    search(queries: number[], depth: number): { distances: number[]; labels: number[] };
    write(path: string): void;
    ntotal(): number;
    getDimension(): number;
    isTrained(): boolean;
  }
}
