//! Which places of a sorted set lie within a circle or a box, and how far from its centre: lib/commands/geo/geohash.ts and
//! trigonometry.ts over a batch, with the same operations in the same order, so that the doubles are the same.

use core::arch::wasm32::*;

const LON_MAX: f64 = 180.0;
const LAT_MAX: f64 = 85.05112878;
const CELLS: f64 = 67_108_864.0;
const EARTH_RADIUS: f64 = 6372797.560856;
const DEGREE: f64 = core::f64::consts::PI / 180.0;
const STEPS: f64 = 64.0;
/// Multiples of a step up to pi.
const TABLE_SIZE: usize = 202;
/// Splits a double into halves of 26 bits.
const SPLITTER: f64 = 134_217_729.0;

extern "C" {
    /// Math.asin.
    fn asin(x: f64) -> f64;
}

/// A number as the unevaluated sum of two doubles.
#[derive(Clone, Copy)]
struct Pair {
    high: f64,
    low: f64,
}

const ZERO: Pair = Pair { high: 0.0, low: 0.0 };
const ONE: Pair = Pair { high: 1.0, low: 0.0 };

#[derive(Clone, Copy)]
struct Entry {
    sin: Pair,
    cos: Pair,
}

/// Sine and cosine of the multiples of 1/64.
static mut TABLE: [Entry; TABLE_SIZE + 1] = [Entry { sin: ZERO, cos: ZERO }; TABLE_SIZE + 1];

fn sum_of(a: f64, b: f64) -> Pair {
    let high = a + b;
    let part = high - a;
    Pair { high, low: a - (high - part) + (b - part) }
}

fn product(a: f64, b: f64) -> Pair {
    let high = a * b;
    let a_scaled = SPLITTER * a;
    let a_high = a_scaled - (a_scaled - a);
    let a_low = a - a_high;
    let b_scaled = SPLITTER * b;
    let b_high = b_scaled - (b_scaled - b);
    let b_low = b - b_high;
    Pair { high, low: a_high * b_high - high + a_high * b_low + a_low * b_high + a_low * b_low }
}

fn add(a: Pair, b: Pair) -> Pair {
    let sum = sum_of(a.high, b.high);
    sum_of(sum.high, sum.low + a.low + b.low)
}

fn multiply(a: Pair, b: Pair) -> Pair {
    let whole = product(a.high, b.high);
    sum_of(whole.high, whole.low + a.high * b.low + a.low * b.high)
}

fn divide(a: Pair, divisor: f64) -> Pair {
    let high = a.high / divisor;
    let back = product(high, divisor);
    sum_of(high, (a.high - back.high - back.low + a.low) / divisor)
}

fn negate(a: Pair) -> Pair {
    Pair { high: -a.high, low: -a.low }
}

unsafe fn make_table() {
    let mut term = ONE;
    let mut step = Entry { sin: ZERO, cos: ONE };
    for n in 1..15 {
        term = divide(multiply(term, Pair { high: 1.0 / STEPS, low: 0.0 }), n as f64);
        let signed = if n % 4 < 2 { term } else { negate(term) };
        if n % 2 == 1 {
            step.sin = add(step.sin, signed);
        } else {
            step.cos = add(step.cos, signed);
        }
    }
    TABLE[0] = Entry { sin: ZERO, cos: ONE };
    for k in 1..TABLE_SIZE + 1 {
        let Entry { sin, cos } = TABLE[k - 1];
        TABLE[k] = Entry {
            sin: add(multiply(sin, step.cos), multiply(cos, step.sin)),
            cos: add(multiply(cos, step.cos), negate(multiply(sin, step.sin))),
        };
    }
}

fn sin_lack(d: f64) -> f64 {
    let square = d * d;
    d * square * (-1.0 / 6.0 + square * (1.0 / 120.0 + square * (-1.0 / 5040.0 + square / 362880.0)))
}

fn cos_lack(d: f64) -> f64 {
    let square = d * d;
    square * (1.0 / 2.0 + square * (-1.0 / 24.0 + square * (1.0 / 720.0 - square / 40320.0)))
}

/// The multiple of a step that is nearest to an angle from 0 to pi.
fn multiple(angle: f64) -> usize {
    let steps = angle * STEPS;
    let below = steps as usize;
    let k = if steps - below as f64 >= 0.5 { below + 1 } else { below };
    if k > TABLE_SIZE {
        TABLE_SIZE
    } else {
        k
    }
}

unsafe fn sin_pair(x: f64) -> Pair {
    let magnitude = if x < 0.0 { -x } else { x };
    let k = multiple(magnitude);
    let d = magnitude - k as f64 / STEPS;
    let Entry { sin: s, cos: c } = TABLE[k];
    let whole = product(c.high, d);
    let rest = whole.low + s.low + c.low * d + c.high * sin_lack(d) - s.high * cos_lack(d);
    let sum = sum_of(s.high, whole.high);
    if x < 0.0 {
        Pair { high: -sum.high, low: -(sum.low + rest) }
    } else {
        Pair { high: sum.high, low: sum.low + rest }
    }
}

unsafe fn sin(x: f64) -> f64 {
    let pair = sin_pair(x);
    pair.high + pair.low
}

unsafe fn cos(x: f64) -> f64 {
    let magnitude = if x < 0.0 { -x } else { x };
    let k = multiple(magnitude);
    let d = magnitude - k as f64 / STEPS;
    let Entry { sin: s, cos: c } = TABLE[k];
    let whole = product(-s.high, d);
    let rest = whole.low + c.low - s.low * d - s.high * sin_lack(d) - c.high * cos_lack(d);
    let sum = sum_of(c.high, whole.high);
    sum.high + (sum.low + rest)
}

/// The library's, and one step of Newton's from there.
unsafe fn arc_sin(y: f64) -> f64 {
    let near = asin(y);
    let pair = sin_pair(near);
    let slope = cos(near);
    if slope == 0.0 {
        near
    } else {
        near + (y - pair.high - pair.low) / slope
    }
}

fn magnitude(x: f64) -> f64 {
    if x < 0.0 {
        -x
    } else {
        x
    }
}

fn lat_distance(a: f64, b: f64) -> f64 {
    EARTH_RADIUS * magnitude(b * DEGREE - a * DEGREE)
}

unsafe fn distance(a_lon: f64, a_lat: f64, b_lon: f64, b_lat: f64) -> f64 {
    let v = sin((b_lon * DEGREE - a_lon * DEGREE) / 2.0);
    if v == 0.0 {
        return lat_distance(a_lat, b_lat);
    }
    let lat_a = a_lat * DEGREE;
    let lat_b = b_lat * DEGREE;
    let u = sin((lat_b - lat_a) / 2.0);
    2.0 * EARTH_RADIUS * arc_sin(square_root(u * u + cos(lat_a) * cos(lat_b) * v * v))
}

fn square_root(x: f64) -> f64 {
    f64x2_extract_lane::<0>(f64x2_sqrt(f64x2_splat(x)))
}

/// Every second bit, from the lowest.
fn even_bits(bits: u64) -> u32 {
    let mut x = bits & 0x5555_5555_5555_5555;
    x = (x | x >> 1) & 0x3333_3333_3333_3333;
    x = (x | x >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    x = (x | x >> 4) & 0x00ff_00ff_00ff_00ff;
    x = (x | x >> 8) & 0x0000_ffff_0000_ffff;
    (x | x >> 16) as u32
}

/// The middle of a cell; its upper edge is counted in 32 bits.
fn middle(cell: u32, max: f64) -> f64 {
    let low = -max + cell as f64 / CELLS * (2.0 * max);
    let high = -max + cell.wrapping_add(1) as f64 / CELLS * (2.0 * max);
    let middle = (low + high) / 2.0;
    if middle > max {
        max
    } else if middle < -max {
        -max
    } else {
        middle
    }
}

/// As C converts such a double.
fn bits_of(score: f64) -> u64 {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if score < -TWO_63 {
        1 << 63
    } else if score >= 2.0 * TWO_63 {
        0
    } else if score < 0.0 {
        score as i64 as u64
    } else {
        score as u64
    }
}

/// The sine of an angle up to pi, within some units in the last place.
unsafe fn near_sin(x: f64) -> f64 {
    let size = magnitude(x);
    let k = multiple(size);
    let d = size - k as f64 / STEPS;
    let Entry { sin: s, cos: c } = TABLE[k];
    let sine = s.high + (c.high * (d + sin_lack(d)) - s.high * cos_lack(d));
    if x < 0.0 {
        -sine
    } else {
        sine
    }
}

/// The cosine, as near.
unsafe fn near_cos(x: f64) -> f64 {
    let size = magnitude(x);
    let k = multiple(size);
    let d = size - k as f64 / STEPS;
    let Entry { sin: s, cos: c } = TABLE[k];
    c.high - (s.high * (d + sin_lack(d)) + c.high * cos_lack(d))
}

/// The sine of half the angle of so many metres, beyond all there are where that is half way round the world.
unsafe fn half_sine_of(metres: f64) -> f64 {
    let half = metres / EARTH_RADIUS / 2.0;
    if half >= core::f64::consts::FRAC_PI_2 {
        2.0
    } else {
        near_sin(half)
    }
}

/// By so much at most what is nearly computed is off: in the sine of half an angle, a part of it and what angles of degrees lack.
const DOUBT: f64 = 1e-12;
const ANGLE_DOUBT: f64 = 1e-14;

/// Puts in the place of each score the distance in metres of its place from a centre, 0 where `tells` is 0, or -1 where that
/// is outside the shape: a circle of a radius, or where `height` is not negative a box of half a width and half a height.
#[export_name = "geoWithin"]
unsafe extern "C" fn geo_within(
    scores: *mut f64,
    count: usize,
    lon: f64,
    lat: f64,
    width: f64,
    height: f64,
    tells: i32,
) {
    if TABLE[0].cos.high == 0.0 {
        make_table();
    }
    // The haversine, the square of that sine, grows with the distance, and so tells nearly always whether that is the larger.
    let widest = half_sine_of(width);
    let doubt = widest * DOUBT + ANGLE_DOUBT;
    let outside = (widest + doubt) * (widest + doubt);
    let inside = if widest > doubt { (widest - doubt) * (widest - doubt) } else { 0.0 };
    let own_cos = near_cos(lat * DEGREE);
    for i in 0..count {
        let at = scores.add(i);
        let bits = bits_of(*at);
        let its_lat = middle(even_bits(bits), LAT_MAX);
        if height >= 0.0 && lat_distance(its_lat, lat) > height {
            *at = -1.0;
            continue;
        }
        let its_lon = middle(even_bits(bits >> 1), LON_MAX);
        let its_cos = near_cos(its_lat * DEGREE);
        let across = near_sin((its_lon * DEGREE - lon * DEGREE) / 2.0);
        let haversine = if height < 0.0 {
            let along = near_sin((its_lat * DEGREE - lat * DEGREE) / 2.0);
            along * along + own_cos * its_cos * across * across
        } else {
            // Along a circle of latitude.
            its_cos * its_cos * across * across
        };
        *at = if haversine > outside {
            -1.0
        } else if haversine >= inside && !is_within(lon, lat, its_lon, its_lat, width, height) {
            -1.0
        } else if tells == 0 {
            0.0
        } else {
            distance(lon, lat, its_lon, its_lat)
        };
    }
}

#[inline(never)]
unsafe fn is_within(lon: f64, lat: f64, its_lon: f64, its_lat: f64, width: f64, height: f64) -> bool {
    if height < 0.0 {
        distance(lon, lat, its_lon, its_lat) <= width
    } else {
        distance(its_lon, its_lat, lon, its_lat) <= width
    }
}
