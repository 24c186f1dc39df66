/**
 * Whether weight decay applies to a parameter, by its Hugging Face name: not to biases and not to layer normalisations.
 *
 * @see Devlin et al.'s code, `optimization.py`: `exclude_from_weight_decay=["LayerNorm", "layer_norm", "bias"]`.
 */
export const decaysByName = (name: string): boolean => !/(^|\.)bias$|LayerNorm|layer_norm/.test(name);
