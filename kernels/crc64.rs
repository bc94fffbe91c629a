//! CRC-64 with the Jones polynomial, reflected, 16 bytes a step: table k says what a byte does to the checksum when k others
//! have come behind it.

/// ad93d23594c935a9 with its bits in reverse order.
const POLYNOMIAL: u64 = 0x95ac9329ac4bc9b5;
const STEP: usize = 16;

static mut TABLES: [[u64; 256]; STEP] = [[0; 256]; STEP];

unsafe fn make_tables() {
    for byte in 0..256 {
        let mut crc = byte as u64;
        for _ in 0..8 {
            crc = (crc >> 1) ^ (POLYNOMIAL & (0u64.wrapping_sub(crc & 1)));
        }
        TABLES[0][byte] = crc;
    }
    for k in 1..STEP {
        for byte in 0..256 {
            let before = TABLES[k - 1][byte];
            TABLES[k][byte] = (before >> 8) ^ TABLES[0][(before & 255) as usize];
        }
    }
}

/// Goes on with the checksum at `sum` (eight bytes, the lowest first).
#[export_name = "crc64"]
unsafe extern "C" fn crc64(sum: *mut u64, at: *const u8, length: usize) {
    if TABLES[0][1] == 0 {
        make_tables();
    }
    let mut crc = sum.read_unaligned();
    let mut i = 0;
    while i + STEP <= length {
        let a = crc ^ (at.add(i) as *const u64).read_unaligned();
        let b = (at.add(i + 8) as *const u64).read_unaligned();
        crc = 0;
        for k in 0..8 {
            crc ^= TABLES[15 - k][((a >> (8 * k)) & 255) as usize] ^ TABLES[7 - k][((b >> (8 * k)) & 255) as usize];
        }
        i += STEP;
    }
    while i < length {
        crc = (crc >> 8) ^ TABLES[0][((crc as u8) ^ *at.add(i)) as usize];
        i += 1;
    }
    sum.write_unaligned(crc);
}
