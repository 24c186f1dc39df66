;; One pass each over blocks of float32 in one memory. Addresses are bytes, lengths are floats, multiples of 4.
(module
  (import "engine" "memory" (memory 1 65536))

  ;; The sum of squares of n floats, summed in double precision.
  (func (export "sumOfSquares") (param $at i32) (param $n i32) (result f64)
    (local $end i32) (local $x v128) (local $high v128) (local $low v128) (local $sum0 v128) (local $sum1 v128)
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $n) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (local.set $x (v128.load (local.get $at)))
        (local.set $low (f64x2.promote_low_f32x4 (local.get $x)))
        (local.set $high (f64x2.promote_low_f32x4
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 0 0 0 0 0 0 0 (local.get $x) (local.get $x))))
        (local.set $sum0 (f64x2.add (local.get $sum0) (f64x2.mul (local.get $low) (local.get $low))))
        (local.set $sum1 (f64x2.add (local.get $sum1) (f64x2.mul (local.get $high) (local.get $high))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (local.set $sum0 (f64x2.add (local.get $sum0) (local.get $sum1)))
    (f64.add (f64x2.extract_lane 0 (local.get $sum0)) (f64x2.extract_lane 1 (local.get $sum0))))

  ;; AdamW of n values:
  ;;   g ← clip·g    m ← beta1·m + rest1·g    v ← beta2·v + rest2·g²    w ← keep·w − size·m / (√v + epsilon)
  ;; The caller folds the bias corrections into size and epsilon.
  (func (export "adamW")
    (param $w i32) (param $g i32) (param $m i32) (param $v i32) (param $n i32)
    (param $clip f32) (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $size f32) (param $keep f32) (param $epsilon f32)
    (local $end i32) (local $gradient v128) (local $first v128) (local $second v128)
    (local $Clip v128) (local $Beta1 v128) (local $Rest1 v128) (local $Beta2 v128) (local $Rest2 v128)
    (local $Size v128) (local $Keep v128) (local $Epsilon v128)
    (local.set $Clip (f32x4.splat (local.get $clip)))
    (local.set $Beta1 (f32x4.splat (local.get $beta1)))
    (local.set $Rest1 (f32x4.splat (local.get $rest1)))
    (local.set $Beta2 (f32x4.splat (local.get $beta2)))
    (local.set $Rest2 (f32x4.splat (local.get $rest2)))
    (local.set $Size (f32x4.splat (local.get $size)))
    (local.set $Keep (f32x4.splat (local.get $keep)))
    (local.set $Epsilon (f32x4.splat (local.get $epsilon)))
    (local.set $end (i32.add (local.get $w) (i32.shl (local.get $n) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $w) (local.get $end)))
        (local.set $gradient (f32x4.mul (v128.load (local.get $g)) (local.get $Clip)))
        (local.set $first (f32x4.add
          (f32x4.mul (v128.load (local.get $m)) (local.get $Beta1))
          (f32x4.mul (local.get $gradient) (local.get $Rest1))))
        (local.set $second (f32x4.add
          (f32x4.mul (v128.load (local.get $v)) (local.get $Beta2))
          (f32x4.mul (f32x4.mul (local.get $gradient) (local.get $gradient)) (local.get $Rest2))))
        (v128.store (local.get $m) (local.get $first))
        (v128.store (local.get $v) (local.get $second))
        (v128.store (local.get $w) (f32x4.sub
          (f32x4.mul (v128.load (local.get $w)) (local.get $Keep))
          (f32x4.div
            (f32x4.mul (local.get $first) (local.get $Size))
            (f32x4.add (f32x4.sqrt (local.get $second)) (local.get $Epsilon)))))
        (local.set $w (i32.add (local.get $w) (i32.const 16)))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16)))
        (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (br $next)))))
