/** The part of jstat that is used here; the package brings no types. */
declare module "jstat" {
  const jstat: { studentt: { cdf(x: number, degreesOfFreedom: number): number } };
  export default jstat;
}
