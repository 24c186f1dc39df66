export { adapterHash } from "./adapter-hash.ts";
export {
  type AdapterHost,
  type AdapterHostOptions,
  adapterHost,
  type HostBatch,
  type HostedAdapter,
  type HostRow,
} from "./adapter-host.ts";
export {
  type Adapting,
  adapterIdentity,
  adapterStore,
  adaptingOf,
  type DescribedAdapter,
  describedAdapter,
} from "./adapting.ts";
export { adaptingMistake } from "./adapting-mistake.ts";
export { type AttachedPart, type Attachment, type AttachOptions, attach } from "./attach.ts";
export { baseHash } from "./base-hash.ts";
export { builtInAdapters, type NamedAdapter, namedAdapter } from "./built-in.ts";
export { type RowGroup, sitesByRows } from "./by-rows.ts";
export { type CountOptions, countParameters, type ParameterCount } from "./count.ts";
export type { Coverage } from "./coverage.ts";
export {
  type Adapter,
  type AdapterContext,
  type AdapterPart,
  type Answers,
  defineAdapter,
  type PeftFiles,
  type PeftForm,
  type Reparameterization,
  type SitePatterns,
} from "./define-adapter.ts";
export {
  type AdapterFolder,
  type LoadAdapterOptions,
  type LoadedAdapter,
  loadAdapter,
  readAdapterFolder,
  refuseAsStart,
} from "./load.ts";
export { type AdapterToMerge, mergeAdapter, unmergeAdapter } from "./merge.ts";
export { adapter } from "./methods/adapter.ts";
export { bitfit } from "./methods/bitfit.ts";
export { type Bottleneck, bottleneck, bottleneckInits } from "./methods/bottleneck.ts";
export { aside, iaaLarge, iaaMedium, iaaSmall, insideAndAside } from "./methods/iaa.ts";
export { lora } from "./methods/lora.ts";
export { mam } from "./methods/mam.ts";
export { parallel } from "./methods/parallel.ts";
export { prefix } from "./methods/prefix.ts";
export { adapterOptions } from "./options.ts";
export { type AdapterToSave, saveAdapter, writeAdapterFiles } from "./save.ts";
export { type ThesisSetting, thesisSettings } from "./thesis-settings.ts";
