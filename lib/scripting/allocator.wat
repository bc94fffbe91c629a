;; Lua's allocator, a lua_Alloc: blocks of up to 256 bytes in classes of 16 bytes, each with a list of free ones; larger
;; ones from the C library. Lua says the old size of what it gives back, so a block has no header.
;;
;; `state` is the address of 72 bytes that begin as zeros: at 4, 8, … 64 the heads of the lists of free blocks of 16,
;; 32, … 256 bytes; at 0 and 68 begin and end of the part of the last chunk that no block was made of yet.
;;
;; The second word of a new block is 0: a string that was marked there (luamemory.ts) is no more.
(module
  (import "lua" "memory" (memory 1))
  (import "lua" "realloc" (func $realloc (param $block i32) (param $size i32) (result i32)))
  (import "lua" "free" (func $free (param $block i32)))

  (func $alloc (export "alloc") (param $state i32) (param $block i32) (param $old i32) (param $size i32) (result i32)
    (local $new i32)
    (if (i32.eqz (local.get $size))
      (then
        (if (local.get $block) (then (call $release (local.get $state) (local.get $block) (local.get $old))))
        (return (i32.const 0))))
    (if (i32.le_u (local.get $size) (i32.const 256))
      (then
        (if (i32.eqz (local.get $block)) (then (return (call $take (local.get $state) (local.get $size)))))
        (if (i32.eq (call $class (local.get $old)) (call $class (local.get $size)))
          (then (return (local.get $block))))
        (local.set $new (call $take (local.get $state) (local.get $size))))
      (else
        (if (i32.or (i32.eqz (local.get $block)) (i32.gt_u (local.get $old) (i32.const 256)))
          (then (return (call $realloc (local.get $block) (local.get $size)))))
        (local.set $new (call $realloc (i32.const 0) (local.get $size)))))
    ;; Lua counts on it that a block can be made smaller.
    (if (i32.eqz (local.get $new))
      (then (return (select (local.get $block) (i32.const 0) (i32.ge_u (local.get $old) (local.get $size))))))
    (memory.copy (local.get $new) (local.get $block)
      (select (local.get $old) (local.get $size) (i32.lt_u (local.get $old) (local.get $size))))
    (call $release (local.get $state) (local.get $block) (local.get $old))
    (local.get $new))

  ;; Where in the state the list of a size begins: 4 for 1 to 16 bytes, 8 for 17 to 32, …
  (func $class (param $size i32) (result i32)
    (i32.and (i32.shr_u (i32.add (local.get $size) (i32.const 15)) (i32.const 2)) (i32.const 0x7ffffffc)))

  (func $take (param $state i32) (param $size i32) (result i32)
    (local $class i32) (local $list i32) (local $block i32) (local $next i32)
    (local.set $class (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const 0x1f0)))
    (local.set $list (i32.add (local.get $state) (i32.shr_u (local.get $class) (i32.const 2))))
    (if (local.tee $block (i32.load (local.get $list)))
      (then (i32.store (local.get $list) (i32.load (local.get $block))))
      (else
        (local.set $block (i32.load (local.get $state)))
        (local.set $next (i32.add (local.get $block) (local.get $class)))
        (if (i32.gt_u (local.get $next) (i32.load offset=68 (local.get $state)))
          (then
            (local.set $block (call $realloc (i32.const 0) (i32.const 16384)))
            (if (i32.eqz (local.get $block)) (then (return (i32.const 0))))
            (i32.store offset=68 (local.get $state) (i32.add (local.get $block) (i32.const 16384)))
            (local.set $next (i32.add (local.get $block) (local.get $class)))))
        (i32.store (local.get $state) (local.get $next))))
    (i32.store offset=4 (local.get $block) (i32.const 0))
    (local.get $block))

  (func $release (param $state i32) (param $block i32) (param $old i32)
    (local $list i32)
    (if (i32.gt_u (local.get $old) (i32.const 256))
      (then (call $free (local.get $block)) (return)))
    (local.set $list (i32.add (local.get $state) (call $class (local.get $old))))
    (i32.store (local.get $block) (i32.load (local.get $list)))
    (i32.store (local.get $list) (local.get $block))))
