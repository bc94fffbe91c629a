;; Lua's allocator, functions of Lua's own binary: blocks of up to 256 bytes in classes of 16 bytes, each with a list of free
;; ones; larger ones from the C library. Lua says the old size of what it gives back, so a block has no header.
;;
;; `state` is the address of 72 bytes that begin as zeros: at 4, 8, … 64 the heads of the lists of free blocks of 16,
;; 32, … 256 bytes; at 0 and 68 begin and end of the part of the last chunk that no block was made of yet.
;;
;; The second word of a new block is 0: a string that was marked there (luamemory.ts) is no more.

;; A lua_Alloc.
(func $alloc (export "alloc") (param $state i32) (param $block i32) (param $old i32) (param $size i32) (result i32)
  (local $new i32)
  (if (i32.eqz (local.get $size))
    (then
      (if (local.get $block) (then (call $release (local.get $state) (local.get $block) (local.get $old))))
      (return (i32.const 0))))
  (if (i32.le_u (local.get $size) (i32.const 256))
    (then
      (if (i32.eqz (local.get $block)) (then (return (call $take (local.get $state) (local.get $size)))))
      (if (i32.eq (call $list (local.get $state) (local.get $old)) (call $list (local.get $state) (local.get $size)))
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

;; Where the list of a size begins: 4 bytes into the state for 1 to 16, 8 for 17 to 32, …
(func $list (param $state i32) (param $size i32) (result i32)
  (i32.add (local.get $state)
    (i32.and (i32.shr_u (i32.add (local.get $size) (i32.const 15)) (i32.const 2)) (i32.const 0x7ffffffc))))

(func $take (param $state i32) (param $size i32) (result i32)
  (local $list i32) (local $block i32) (local $next i32)
  (local.set $list (call $list (local.get $state) (local.get $size)))
  (if (local.tee $block (i32.load (local.get $list)))
    (then (i32.store (local.get $list) (i32.load (local.get $block))))
    (else
      (local.set $size (i32.and (i32.add (local.get $size) (i32.const 15)) (i32.const 0x1f0)))
      (local.set $block (i32.load (local.get $state)))
      (local.set $next (i32.add (local.get $block) (local.get $size)))
      (if (i32.gt_u (local.get $next) (i32.load offset=68 (local.get $state)))
        (then
          (local.set $block (call $realloc (i32.const 0) (i32.const 16384)))
          (if (i32.eqz (local.get $block)) (then (return (i32.const 0))))
          (i32.store offset=68 (local.get $state) (i32.add (local.get $block) (i32.const 16384)))
          (local.set $next (i32.add (local.get $block) (local.get $size)))))
      (i32.store (local.get $state) (local.get $next))))
  (i32.store offset=4 (local.get $block) (i32.const 0))
  (local.get $block))

(func $release (param $state i32) (param $block i32) (param $old i32)
  (local $list i32)
  (if (i32.gt_u (local.get $old) (i32.const 256))
    (then (call $free (local.get $block)) (return)))
  (local.set $list (call $list (local.get $state) (local.get $old)))
  (i32.store (local.get $block) (i32.load (local.get $list)))
  (i32.store (local.get $list) (local.get $block)))

;; In place of Lua's function of this name (lmem.c), through which it takes and gives back all its memory. Nearly every call
;; takes a small block from its list or puts it there, which is done here: V8, as Node 20 has it, puts no function of
;; WebAssembly into another. For the rest $alloc is called, without the look into the table by which Lua finds it.
;;
;; `global` is the global_State: the allocator's state at 16, the bytes in use at 68.
(func $luaM_realloc_ (param $L i32) (param $block i32) (param $old i32) (param $size i32) (result i32)
  (local $global i32) (local $state i32) (local $list i32) (local $new i32)
  (local.set $global (i32.load offset=16 (local.get $L)))
  (local.set $state (i32.load offset=16 (local.get $global)))
  (block $done
    (block $other
      (if (local.get $block)
        (then
          (br_if $other (i32.or (local.get $size) (i32.gt_u (local.get $old) (i32.const 256))))
          (local.set $list (i32.add (local.get $state)
            (i32.and (i32.shr_u (i32.add (local.get $old) (i32.const 15)) (i32.const 2)) (i32.const 0x7c))))
          (i32.store (local.get $block) (i32.load (local.get $list)))
          (i32.store (local.get $list) (local.get $block)))
        (else
          (br_if $other (i32.gt_u (i32.sub (local.get $size) (i32.const 1)) (i32.const 255)))
          (local.set $list (i32.add (local.get $state)
            (i32.and (i32.shr_u (i32.add (local.get $size) (i32.const 15)) (i32.const 2)) (i32.const 0x7c))))
          (br_if $other (i32.eqz (local.tee $new (i32.load (local.get $list)))))
          (i32.store (local.get $list) (i32.load (local.get $new)))
          (i32.store offset=4 (local.get $new) (i32.const 0))))
      (br $done))
    (local.set $new
      (call $alloc (local.get $state) (local.get $block) (local.get $old) (local.get $size)))
    (if (i32.and (i32.eqz (local.get $new)) (i32.ne (local.get $size) (i32.const 0)))
      (then (call $luaD_throw (local.get $L) (i32.const 4))))) ;; LUA_ERRMEM
  (i32.store offset=68 (local.get $global)
    (i32.add (i32.load offset=68 (local.get $global)) (i32.sub (local.get $size) (local.get $old))))
  (local.get $new))
