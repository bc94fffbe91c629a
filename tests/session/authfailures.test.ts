import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { Config, type Settings } from '../../lib/config/config.ts'
import { AuthFailures } from '../../lib/session/authfailures.ts'

function failures(settings: Settings = {}) {
  const clock = new ManualClock()
  const told: string[] = []
  const counted = new AuthFailures(clock, new Config(settings).values, (address) => void told.push(address))
  const fail = (times: number, addr = '10.0.0.1:5000') => Array.from({ length: times }, () => counted.failedAt(addr))
  return { clock, counted, fail, told }
}

describe('failed authentications', () => {
  test('are free at first, then cost more and more time, up to a bound', () => {
    const { fail, counted, told } = failures()
    expect(fail(16)).toEqual(Array(16).fill(0))
    expect(told).toEqual([])
    expect(fail(8)).toEqual([50, 100, 200, 400, 800, 1000, 1000, 1000])
    expect(counted.delayAt('10.0.0.1:6000')).toBe(1000)
    expect(told).toEqual(['10.0.0.1'])
  })

  test('are counted for each address by itself', () => {
    const { fail, counted } = failures()
    fail(20)
    expect(counted.delayAt('10.0.0.2:5000')).toBe(0)
    expect(fail(1, '10.0.0.2:5000')).toEqual([0])
  })

  test('are forgiven one by one, and however many there were, after half a minute nobody is delayed', () => {
    const { fail, counted, clock } = failures()
    fail(100_000)
    expect(counted.delayAt('10.0.0.1:1')).toBe(1000)
    clock.advance(5000)
    expect(counted.delayAt('10.0.0.1:1')).toBe(800)
    clock.advance(4999)
    expect(counted.delayAt('10.0.0.1:1')).toBe(800)
    clock.advance(1)
    expect(counted.delayAt('10.0.0.1:1')).toBe(400)
    clock.advance(20_000)
    expect(counted.delayAt('10.0.0.1:1')).toBe(0)
    clock.advance(16 * 5000)
    counted.delayAt('10.0.0.1:1')
    expect(counted.size).toBe(0)
  })

  test('do not fill the memory, wherever they come from', () => {
    const { fail, counted } = failures()
    fail(40, '10.0.0.1:1')
    for (let i = 0; i < 9999; i++) fail(1, `10.1.${i >> 8}.${i & 255}:1`)
    expect(counted.size).toBe(10_000)
    fail(1, '10.0.0.1:1')
    for (let i = 0; i < 9999; i++) fail(1, `10.2.${i >> 8}.${i & 255}:1`)
    expect(counted.size).toBe(10_000)
    expect(counted.delayAt('10.0.0.1:1')).toBe(1000)
    fail(1, '10.3.0.0:1')
    expect(counted.delayAt('10.0.0.1:1')).toBe(0)
  })

  test('of one IPv6 network are those of one client', () => {
    const { fail, counted } = failures()
    fail(40, '[2001:db8:1:2:3:4:5:6]:1')
    expect(counted.delayAt('[2001:db8:1:2::9]:7')).toBe(1000)
    expect(counted.delayAt('[2001:db8:1:3::9]:7')).toBe(0)
    fail(40, '[2001:db8::1]:1')
    expect(counted.delayAt('[2001:db8:0:0:1::]:7')).toBe(1000)
    expect(counted.delayAt('[2001:db8:0:1::]:7')).toBe(0)
  })

  test('cost what the directives say', () => {
    expect(failures({ 'auth-throttle-after': 0, 'auth-throttle-max-delay': 120 }).fail(4)).toEqual([50, 100, 120, 120])
    expect(failures({ 'auth-throttle-after': 1, 'auth-throttle-max-delay': 20 }).fail(3)).toEqual([0, 20, 20])
    expect(failures({ 'auth-throttle-max-delay': 0 }).fail(100)).toEqual(Array(100).fill(0))
  })
})
