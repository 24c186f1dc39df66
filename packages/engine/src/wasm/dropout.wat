;; Dropout masks from a counter: no state, so any mask of any step can be made on its own.
(module
  (import "engine" "memory" (memory 1 65536))

  ;; Fills n floats (a multiple of 8) at byte $at with $kept or 0. Each 32-bit word serves two elements, 16 bits each; an element is
  ;; dropped when its 16 bits are below $threshold. The word of counter c is Wellons' triple32 mixer of c + key0, with key1
  ;; mixed in after the first of its three rounds.
  (func (export "fill") (param $at i32) (param $n i32) (param $key0 i32) (param $key1 i32) (param $threshold i32) (param $kept f32)
    (local $end i32) (local $counter v128) (local $x v128) (local $Key1 v128) (local $Threshold v128) (local $Kept v128)
    (local.set $counter (i32x4.add (v128.const i32x4 0 1 2 3) (i32x4.splat (local.get $key0))))
    (local.set $Key1 (i32x4.splat (local.get $key1)))
    (local.set $Threshold (i32x4.splat (local.get $threshold)))
    (local.set $Kept (f32x4.splat (local.get $kept)))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $n) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (local.set $x (v128.xor (local.get $counter) (i32x4.shr_u (local.get $counter) (i32.const 17))))
        (local.set $x (i32x4.mul (local.get $x) (v128.const i32x4 0xed5ad4bb 0xed5ad4bb 0xed5ad4bb 0xed5ad4bb)))
        (local.set $x (v128.xor (local.get $x) (local.get $Key1)))
        (local.set $x (v128.xor (local.get $x) (i32x4.shr_u (local.get $x) (i32.const 11))))
        (local.set $x (i32x4.mul (local.get $x) (v128.const i32x4 0xac4c1b51 0xac4c1b51 0xac4c1b51 0xac4c1b51)))
        (local.set $x (v128.xor (local.get $x) (i32x4.shr_u (local.get $x) (i32.const 15))))
        (local.set $x (i32x4.mul (local.get $x) (v128.const i32x4 0x31848bab 0x31848bab 0x31848bab 0x31848bab)))
        (local.set $x (v128.xor (local.get $x) (i32x4.shr_u (local.get $x) (i32.const 14))))
        (v128.store (local.get $at) (v128.and (local.get $Kept)
          (i32x4.ge_u (v128.and (local.get $x) (v128.const i32x4 65535 65535 65535 65535)) (local.get $Threshold))))
        (v128.store offset=16 (local.get $at) (v128.and (local.get $Kept)
          (i32x4.ge_u (i32x4.shr_u (local.get $x) (i32.const 16)) (local.get $Threshold))))
        (local.set $counter (i32x4.add (local.get $counter) (v128.const i32x4 4 4 4 4)))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (br $next)))))
