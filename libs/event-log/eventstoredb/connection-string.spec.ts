import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LogAddressRefused } from '#event-log';
import {
  bringsCredentials,
  describeConnection,
  parseConnectionString,
  type Credentials,
} from './connection-string.js';

const ANN: Credentials = { username: 'ann', password: 'over:the hill' };

function refusalOf(text: string, given?: Credentials): string {
  try {
    parseConnectionString(text, given);
  } catch (error) {
    expect(error).toBeInstanceOf(LogAddressRefused);
    return (error as LogAddressRefused).message;
  }
  throw new Error('The address was accepted');
}

describe('the address of an EventStoreDB log', () => {
  test('is a host, with the default port and the default namespace', () => {
    expect(parseConnectionString('esdb://localhost?tls=false')).toEqual({
      discover: false,
      hosts: [{ address: 'localhost', port: 2113 }],
      tls: null,
      namespace: '',
    });
  });

  test('lists the members of a cluster, or discovers them under one name', () => {
    const { hosts } = parseConnectionString('esdb://h1:1111,H2,[::1]:3333,[::2]/?tls=false');
    expect(hosts).toEqual([
      { address: 'h1', port: 1111 },
      { address: 'h2', port: 2113 },
      { address: '[::1]', port: 3333 },
      { address: '[::2]', port: 2113 },
    ]);
    const discovered = parseConnectionString('esdb+discover://logs.example:2114?tls=false');
    expect(discovered).toMatchObject({
      discover: true,
      hosts: [{ address: 'logs.example', port: 2114 }],
    });
  });

  test('has every setting, in any case, with dashes and underscores', () => {
    const text =
      ' esdb://u:p@h/?TLS=true&tls-ca-file=%2Fetc%2Fca%20one.pem&tlsVerifyCert=true' +
      '&user_cert_file=/c.pem&userKeyFile=/k.pem&namespace=east&connectionname=a=b' +
      '&defaultDeadline=5000&keepAlive-Interval=1&KEEPALIVETIMEOUT=2&gossipTimeout=3' +
      '&maxDiscoverAttempts=4&discoveryInterval=5&nodePreference=Leader' +
      '&throwOnAppendFailure=true ';
    expect(parseConnectionString(text)).toEqual({
      discover: false,
      hosts: [{ address: 'h', port: 2113 }],
      tls: { caFile: '/etc/ca one.pem', userCertFile: '/c.pem', userKeyFile: '/k.pem' },
      credentials: { username: 'u', password: 'p' },
      namespace: 'east',
      connectionName: 'a=b',
      appendDeadlineMs: 5000,
      keepAliveIntervalMs: 1,
      keepAliveTimeoutMs: 2,
      gossipTimeoutSeconds: 3,
      maxDiscoverAttempts: 4,
      discoveryIntervalMs: 5,
    });
  });

  // The client's own parser cuts a password at its second colon, without a word.
  test('keeps user and password as they are, encoded in the address or given beside it', () => {
    expect(parseConnectionString('esdb://ann:over:the@hill@h').credentials).toEqual({
      username: 'ann',
      password: 'over:the@hill',
    });
    expect(parseConnectionString('esdb://h', ANN).credentials).toEqual(ANN);
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        (username, password) => {
          const encoded = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
          expect(parseConnectionString(`esdb://${encoded}@h`).credentials).toEqual({
            username,
            password,
          });
        },
      ),
    );
  });

  test('needs no user where a user certificate is given', () => {
    const { tls, credentials } = parseConnectionString('esdb://h?userCertFile=/c&userKeyFile=/k');
    expect(tls).toEqual({ userCertFile: '/c', userKeyFile: '/k' });
    expect(credentials).toBeUndefined();
  });

  test('is told without its credentials', () => {
    const told = (text: string) => describeConnection(parseConnectionString(text));
    expect(told('esdb://u:p@h1,h2:1?namespace=east')).toBe('esdb://h1:2113,h2:1, namespace east');
    expect(told('esdb+discover://u:p@h')).toBe('esdb+discover://h:2113');
    expect(bringsCredentials('esdb://u:p@h')).toBe(true);
    expect(bringsCredentials('esdb://h?tls=false')).toBe(false);
  });

  test.each([
    ['kurrentdb://h', /given as esdb:\/\//],
    ['localhost:2113', /given as esdb:\/\//],
    ['', /given as esdb:\/\//],
    ['esdb://', /names no host/],
    ['esdb://u:p@', /names no host/],
    ['esdb://u:p@?tls=true', /names no host/],
    ['esdb://u:p@h1,,h2', /host of the log is empty/],
    ['esdb://u:p@h!', /characters that no host has/],
    ['esdb://u:p@h:0', /no port/],
    ['esdb://u:p@h:65536', /no port/],
    ['esdb://u:p@h:', /no port/],
    ['esdb://u:p@h:21a', /no port/],
    ['esdb+discover://u:p@h1,h2', /only the first host/],
    ['esdb://u:p@h,H:2113', /h:2113 is named twice/],
    ['esdb://u:p@h/logs', /not of the form/],
    ['esdb://u:p@h?tlsCAFile=/a#b', /not of the form/],
    ['esdb://u:p@h?', /no name or no value/],
    ['esdb://u:p@h?tls', /no name or no value/],
    ['esdb://u:p@h?=1', /no name or no value/],
    ['esdb://u:p@h?connectionName=', /no name or no value/],
    ['esdb://u:p@h?connectionName=%20', /no name or no value/],
    ['esdb://u:p@h?tlsCaFiles=/x', /"tlsCaFiles" is no setting .* there are namespace, tls, /],
    ['esdb://u:p@h?\u001b[31m=1', /One of the keys is no setting/],
    ['esdb://u:p@h?tls=true&T_L_S=true', /tls is given twice/],
    ['esdb://u:p@h?tls=yes', /tls is either true or false/],
    ['esdb://u:p@h?defaultDeadline=0', /defaultDeadline is a whole number of milliseconds from 1/],
    ['esdb://u:p@h?defaultDeadline=1.5', /defaultDeadline is a whole number/],
    ['esdb://u:p@h?keepAliveTimeout=-1', /keepAliveTimeout .* break the connection/],
    ['esdb://u:p@h?keepAliveInterval=-1', /keepAliveInterval .* break the connection/],
    // Node fires a timer at once that is longer than it can count.
    ['esdb://u:p@h?keepAliveTimeout=2147483648', /from 1 to 2147483647/],
    ['esdb://u:p@h?gossipTimeout=5000000', /whole number of seconds from 1 to 2147483/],
    ['esdb://u:p@h?maxDiscoverAttempts=many', /whole number of attempts/],
    ['esdb://u:p@h?tls=false', /never sent without TLS/],
    ['esdb://h?tls=false&tlsCAFile=/x', /tlsCAFile says how TLS is done/],
    ['esdb://h?tls=false&userCertFile=/x', /userCertFile says how/],
    ['esdb://h?tls=false&userKeyFile=/x', /userKeyFile says how/],
    ['esdb://h?tls=false&tlsVerifyCert=true', /tlsVerifyCert says how/],
    ['esdb://h', /lets nobody in without a user/],
    ['esdb://u@h', /go together/],
    ['esdb://u:@h', /go together/],
    ['esdb://:p@h', /go together/],
    ['esdb://@h', /go together/],
    ['esdb://u:%FF@h', /The password is not percent-encoded/],
    ['esdb://u:p@h?connectionName=%zz', /value of connectionName is not percent-encoded/],
    ['esdb://u:p@h?userCertFile=/c', /give both userCertFile and userKeyFile/],
    ['esdb://h?userKeyFile=/k', /give both/],
    ['esdb://u:p@h?tlsVerifyCert=false', /has no effect in the client: give tlsCAFile/],
    ['esdb://u:p@h?nodePreference=follower', /what the leader knows/],
    ['esdb://u:p@h?throwOnAppendFailure=false', /must not look like one that was written/],
    ['esdb://u:p@h?namespace=North-East', /"North-East" is not a namespace/],
  ])('%s is refused', (text, why) => {
    const message = refusalOf(text);
    expect(message).toMatch(why);
    expect(message.split('\n')).toHaveLength(1);
  });

  test('credentials are given once, and only where TLS hides them', () => {
    expect(refusalOf('esdb://u:p@h', ANN)).toMatch(/given twice/);
    expect(refusalOf('esdb://h?tls=false', ANN)).toMatch(/never sent without TLS/);
  });

  test.each([
    'esdb://ann:SECRET',
    'esdb://ann:SECRET/x@h',
    'esdb://ann:12?SECRET=SECRET@h',
    'esdb://ann:SECRET?x@h',
    'esdb://ann:1#SECRET@h',
    'esdb://ann:SECRET@h:SECRET',
    'esdb://ann:SECRET@h?tls=SECRET',
    'esdb://ann:SECRET@h?SECRET',
    'esdb://ann:SECRET@h?defaultDeadline=SECRET',
    'esdb://ann:SECRET@h?nodePreference=SECRET',
    'esdb://ann:SECRET@h?password=SECRET',
    'esdb://ann:SECRET%FF@h',
    'esdb://ann:SECRET@h?tls=false',
    'esdb://ann:SECRET@h,h',
    'esbd://ann:SECRET@h',
  ])('the password is in no message, however it is misspelt (%#)', (text) => {
    expect(refusalOf(text)).not.toMatch(/SECRET/i);
  });
});
