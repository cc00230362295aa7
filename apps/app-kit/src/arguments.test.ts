import { describe, expect, it } from 'vitest';
import { parseCidr, parseCidr6, parseDeviceName, parseEndpoint, parseMtu, parsePort } from './arguments.ts';

describe('parseCidr', () => {
  it('takes an address of a host apart', () => {
    expect(parseCidr('10.77.0.2/24')).toEqual({ address: '10.77.0.2', prefixBits: 24, network: 0x0a4d0000 });
    expect(parseCidr('192.0.2.130/25')).toEqual({ address: '192.0.2.130', prefixBits: 25, network: 0xc0000280 });
  });

  it.each(['10.77.0.2', '10.77.0/24', '10.77.0.2/0', '10.77.0.2/31', '10.77.0.256/24', '10.77.0.2/24x', '', '::1/64'])(
    'refuses "%s"',
    (text) => expect(() => parseCidr(text)).toThrow('Give an IPv4 address'),
  );

  it.each(['10.77.0.0/24', '10.77.0.255/24', '192.0.2.127/25'])('refuses %s, which is no host', (text) => {
    expect(() => parseCidr(text)).toThrow('not of a host');
  });
});

describe('parseEndpoint', () => {
  it('takes names, addresses of both families and port 0', () => {
    expect(parseEndpoint('127.0.0.1:8080')).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(parseEndpoint('[::1]:0')).toEqual({ host: '::1', port: 0 });
    expect(parseEndpoint('localhost:80')).toEqual({ host: 'localhost', port: 80 });
  });

  it.each(['8080', ':8080', '127.0.0.1:', '127.0.0.1:65536', '::1:80'])('refuses "%s"', (text) => {
    expect(() => parseEndpoint(text)).toThrow('Give an address and a port');
  });
});

it('takes numbers within their bounds and names that Linux allows', () => {
  expect([parsePort('1'), parsePort('65535'), parseMtu('68'), parseMtu('65535')]).toEqual([1, 65535, 68, 65535]);
  for (const text of ['0', '65536', '-1', '1e3', '']) expect(() => parsePort(text)).toThrow();
  for (const text of ['67', '65536', '1500.5']) expect(() => parseMtu(text)).toThrow();
  expect(parseDeviceName('tcp0')).toBe('tcp0');
  for (const text of ['', 'a/b', '..', 'sixteen-letters-']) expect(() => parseDeviceName(text)).toThrow();
});

describe('parseCidr6', () => {
  it('takes an IPv6 address of a host with its prefix', () => {
    expect(parseCidr6('fd00:77::2/64')).toBe('fd00:77::2/64');
  });

  it.each(['fd00::2', 'fd00::2/0', 'fd00::2/127', '10.0.0.1/24', '::/64', 'ff02::1/64', 'fd00::2/64/1', ''])(
    'refuses %j',
    (text) => {
      expect(() => parseCidr6(text)).toThrow('Give an IPv6 address');
    },
  );
});
