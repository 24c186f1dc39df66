import { cast } from "../build/cast.ts";
import { add, type BinaryOperator, binary, compare, multiply, subtract, unary, where } from "../build/elementwise.ts";
import type { ElementType, Value } from "../graph.ts";
import type { TracedKernel, TracedKernels } from "./kernel.ts";

const two =
  (op: BinaryOperator): TracedKernel =>
  ({ inputs: { a, b } }) =>
    binary(op, a!, b!);

const one =
  (op: string): TracedKernel =>
  ({ inputs: { x } }) =>
    unary(op, x!);

const comparison =
  (op: string): TracedKernel =>
  ({ inputs: { a, b } }) =>
    compare(op, a!, b!);

/** Element by element. */
export const elementwise: TracedKernels = {
  Add: two("Add"),
  Sub: two("Sub"),
  Multiply: two("Mul"),
  Maximum: two("Max"),
  Minimum: two("Min"),
  Pow: two("Pow"),
  RealDiv: ({ inputs: { a, b } }) => binary("Div", cast(a!, "float32"), cast(b!, "float32")),
  FloorDiv: ({ inputs: { a, b } }) => {
    const quotient = unary("Floor", binary("Div", cast(a!, "float32"), cast(b!, "float32")));
    return cast(quotient, a!.dtype);
  },
  AddN: ({ list }) => list.reduce(add),
  SquaredDifference: ({ inputs: { a, b } }) => {
    const difference = subtract(a!, b!);
    return multiply(difference, difference);
  },

  Exp: one("Exp"),
  Log: one("Log"),
  Expm1: ({ inputs: { x } }) => subtract(unary("Exp", x!), x!.graph.scalar(1)),
  Log1p: ({ inputs: { x } }) => unary("Log", add(x!, x!.graph.scalar(1))),
  Sqrt: one("Sqrt"),
  Neg: one("Neg"),
  Erf: one("Erf"),
  Tanh: one("Tanh"),
  Sigmoid: one("Sigmoid"),
  Softplus: one("Softplus"),
  Relu: one("Relu"),
  Relu6: ({ inputs: { x } }) => binary("Min", unary("Relu", x!), x!.graph.scalar(6)),
  Elu: one("Elu"),
  Selu: one("Selu"), // the same constants in both
  Abs: one("Abs"),
  Sign: one("Sign"),
  Floor: one("Floor"),
  Ceil: one("Ceil"),
  Round: one("Round"),
  Sin: one("Sin"),
  Cos: one("Cos"),
  Tan: one("Tan"),
  Atan: one("Atan"),
  Reciprocal: one("Reciprocal"),
  Rsqrt: ({ inputs: { x } }) => unary("Reciprocal", unary("Sqrt", x!)),
  Square: ({ inputs: { x } }) => multiply(x!, x!),
  Step: ({ inputs: { x }, attributes: { alpha = 0 } }) => {
    const positive = cast(compare("Greater", x!, x!.graph.scalar(0)), "float32");
    return alpha === 0
      ? positive
      : add(multiply(positive, x!.graph.scalar(1 - Number(alpha))), x!.graph.scalar(Number(alpha)));
  },
  EluGrad: ({ inputs: { dy, y } }) => {
    const slope = add(y!, y!.graph.scalar(1)); // eˣ where x < 0
    return where(compare("GreaterOrEqual", y!, y!.graph.scalar(0)), dy!, multiply(dy!, slope));
  },
  LeakyRelu: ({ inputs: { x }, attributes: { alpha } }) =>
    x!.graph.node("LeakyRelu", [x!], { alpha: { float: Number(alpha) } }, x!),
  Prelu: ({ inputs: { x, alpha } }) => x!.graph.node("PRelu", [x!, alpha!], {}, x!),
  ClipByValue: ({ inputs: { x }, attributes: { clipValueMin, clipValueMax } }) => {
    const bound = (value: unknown): Value => x!.graph.scalar(Number(value), x!.dtype);
    return binary("Min", binary("Max", x!, bound(clipValueMin)), bound(clipValueMax));
  },

  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  Equal: comparison("Equal"),
  NotEqual: ({ inputs: { a, b } }) => unary("Not", compare("Equal", a!, b!)),
  LogicalAnd: comparison("And"),
  LogicalOr: comparison("Or"),
  LogicalNot: one("Not"),
  Select: ({ inputs: { condition, t, e } }) => where(condition!, t!, e!),

  Cast: ({ inputs: { x }, attributes: { dtype } }) => {
    const whole = dtype === "int32" && x!.dtype === "float32";
    return cast(x!, (whole ? "int32" : dtype) as ElementType); // ONNX truncates towards zero, as tfjs does
  },
  Identity: ({ inputs: { x } }) => x!,
};
