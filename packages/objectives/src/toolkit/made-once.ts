/**
 * What takes a while to make of a preparation and options, and never changes: made when it is first asked for, and again for others.
 *
 * @example
 * const samplerOf = madeOnce(wordSetSampler); // samplerOf(context.prepared, context.options).pairs(…)
 */
export function madeOnce<Prepared extends object, Options extends object, Made>(
  make: (prepared: Prepared, options: Options) => Made,
): (prepared: Prepared, options: Options) => Made {
  const known = new WeakMap<Prepared, WeakMap<Options, { made: Made }>>();
  return (prepared, options) => {
    const byOptions = known.get(prepared) ?? new WeakMap<Options, { made: Made }>();
    known.set(prepared, byOptions);
    const { made } = byOptions.get(options) ?? { made: make(prepared, options) };
    byOptions.set(options, { made });
    return made;
  };
}
