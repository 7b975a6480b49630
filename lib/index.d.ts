// Types of the package lksctp. Section numbers are RFC 6458's unless another is named.

/// <reference types="node" />

import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import type { LookupFunction } from 'node:net';

/** Which SCTP implementation serves: `auto` is the kernel's where it has one, else usrsctp. */
export type Stack = 'auto' | 'kernel' | 'usrsctp';
export type IPFamily = 'IPv4' | 'IPv6';

export interface AddressInfo {
  address: string;
  family: IPFamily;
  port: number;
}

/** Delayed SACK, §8.1.19. */
export interface SackOptions {
  /** Milliseconds a SACK may wait, 0 to 500. 0: not at all. **Default:** 200. */
  delay?: number;
  /** Packets per SACK; 1: every packet. **Default:** 2. */
  freq?: number;
}

/** Retransmission time-out, §8.1.1; milliseconds. */
export interface RtoOptions {
  /** **Default:** 3000. */
  initial?: number;
  /** **Default:** 1000. */
  min?: number;
  /** **Default:** 60000. */
  max?: number;
}

/** §8.1.2. */
export interface AssociationOptions {
  /** Retransmissions in a row before the association is lost. **Default:** 10. */
  maxRetransmissions?: number;
  /** Milliseconds a cookie is valid. **Default:** 60000. */
  cookieLife?: number;
}

/** Of every path of the association, §8.1.12. */
export interface PathOptions {
  /** **Default:** `true`. */
  heartbeat?: boolean;
  /** Milliseconds. **Default:** 30000. */
  heartbeatInterval?: number;
  /** Retransmissions in a row before the path is inactive. **Default:** 5. */
  maxRetransmissions?: number;
  /** Bytes; switches path MTU discovery off. */
  pathMtu?: number;
  /**
   * Differentiated services code point of what is sent (RFC 2474), 0 to 63. Kernel only:
   * `ERR_SCTP_NOT_SUPPORTED` on usrsctp. **Default:** the host's.
   */
  dscp?: number;
}

/** §8.1.3; only before the association is up. */
export interface InitiationOptions {
  outboundStreams?: number;
  maxInboundStreams?: number;
  /** INITs sent. **Default:** 8. */
  maxAttempts?: number;
  /** Milliseconds, up to 65535. */
  maxTimeout?: number;
}

/**
 * Socket options. What is absent stays as the stack has it. SCTP_AUTOCLOSE (§8.1.8), for
 * sockets with several associations, is `ERR_SCTP_NOT_SUPPORTED`: `setTimeout()` tells when
 * one is idle.
 */
export interface SctpOptions {
  sack?: SackOptions;
  rto?: RtoOptions;
  association?: AssociationOptions;
  path?: PathOptions;
  initiation?: InitiationOptions;
  /** SCTP_NODELAY, §8.1.5. **Default:** `true`. */
  noDelay?: boolean;
  /** Bytes of a DATA chunk at most, §8.1.16. */
  maxSegment?: number;
  /** Packets sent in one go at most, §8.1.24; 0: any number. **Default:** 4. */
  maxBurst?: number;
  /**
   * §8.1.20: 0 or 1, which are the same for a socket with one association; 2 is
   * `ERR_SCTP_NOT_SUPPORTED`: messages here are whole. **Default:** kernel 0, usrsctp 1.
   */
  fragmentInterleave?: 0 | 1;
  /**
   * Potentially failed paths are told as such, RFC 7829 §7.3; otherwise they count as
   * active. `true` is `ERR_SCTP_NOT_SUPPORTED` on usrsctp, which has no such state.
   * **Default:** `true` on the kernel.
   */
  potentiallyFailed?: boolean;
  /** SO_SNDBUF; bytes. */
  sendBuffer?: number;
  /** SO_RCVBUF; bytes. */
  receiveBuffer?: number;
  /** Notifications of type `sender_dry`, §6.1.9. **Default:** `false`. */
  senderDry?: boolean;
}

export interface UdpEncapsulation {
  /** UDP port to receive on. On the kernel that of the sysctl net.sctp.udp_port. */
  localPort?: number;
  /** UDP port of the peer. **Default** with usrsctp: 9899. */
  remotePort?: number;
}

/** What `createServer` and `connect` have in common. */
export interface SocketOptions {
  /**
   * Bytes on their way in each direction before `write()` says no, and before reading
   * from the stack stops. **Default:** that of streams for `write()`; between program and
   * stack 512 KiB to it and 256 KiB from it.
   */
  highWaterMark?: number;
  /** Switches Nagle's algorithm off, §8.1.5. **Default:** `true`. */
  noDelay?: boolean;
  /** Maximum number of inbound streams, 1 to 65535. */
  MIS?: number;
  /** Number of outbound streams to ask for, 1 to 65535. **Default:** 10. */
  OS?: number;
  sctp?: SctpOptions;
  /** Bytes of the largest message; a larger one ends the association. **Default:** 1 MiB. */
  maxMessageSize?: number;
  /** Milliseconds between updates of `peerInfoByAddress`; 0: on events only. **Default:** 5000. */
  peerInfoInterval?: number;
  /** **Default:** `LKSCTP_STACK` of the environment, else `auto`. */
  stack?: Stack;
  /** SCTP in UDP packets, RFC 6951. */
  udpEncapsulation?: UdpEncapsulation;
  /** The endpoint's name for observers. */
  name?: string;
}

export interface ServerOptions extends SocketOptions {
  /**
   * The observers' name of every peer, or a function that names each. What it throws, and
   * anything but a string, is a process warning (`LKSCTP_PEER_NAME`), and the name is the
   * default. **Default:** the IP address.
   */
  peerName?: string | ((remote: AddressInfo) => string);
}

export interface ListenOptions {
  /** Local IP address. Not together with `localAddresses`. */
  host?: string;
  localAddresses?: string[];
  /** **Default:** one that is free. */
  port?: number | string;
  /**
   * IPv6 addresses take no IPv4 peers (IPV6_V6ONLY). Without it `::` takes both. With an
   * address of IPv4 it is `ERR_INVALID_ARG_VALUE`; without any address it means `::`.
   * **Default:** `false`.
   */
  ipv6Only?: boolean;
  /** Associations not yet accepted. **Default:** 511. */
  backlog?: number;
  /** Closes the server. */
  signal?: AbortSignal;
  stack?: Stack;
  udpEncapsulation?: UdpEncapsulation;
  name?: string;
}

export interface ConnectOptions extends SocketOptions {
  /** Name or IP address. Not together with `remoteAddresses`. **Default:** `localhost`. */
  host?: string;
  /** All addresses of one peer, in the order they are tried. */
  remoteAddresses?: string[];
  port: number | string;
  localPort?: number | string;
  /** Not together with `localAddresses`. */
  localAddress?: string;
  localAddresses?: string[];
  /** 4, 6, or 0 for both. **Default:** 0. */
  family?: 0 | 4 | 6;
  /** **Default:** `dns.lookup`. */
  lookup?: LookupFunction;
  /** As `socket.setTimeout()`: milliseconds of idleness until `'timeout'`. */
  timeout?: number;
  /** Milliseconds for the whole attempt; 0: as long as the stack tries. **Default:** 30000. */
  connectTimeout?: number;
  /** Destroys the socket with an `AbortError`. */
  signal?: AbortSignal;
  /** The observers' name of the peer. **Default:** `ip:port`. */
  peerName?: string | ((remote: { address: string; port: number }) => string);
}

/** A received message: its bytes, and its attributes as §5.3.5 has them. */
export interface Message extends Buffer {
  /** Stream. */
  sid: number;
  /** Payload protocol identifier, in host byte order. */
  ppid: number;
  /** Stream sequence number; 0 for an unordered message. */
  ssn: number;
  tsn: number;
  unordered: boolean;
  context: number;
}

/** What `write()` takes: properties of the Buffer are attributes of the message. */
export type Writable = string | (NodeJS.ArrayBufferView & SendOptions);

/** Attributes of one message, §5.3.4. */
export interface SendOptions {
  /** **Default:** 0. */
  sid?: number;
  /** In host byte order. **Default:** 0. */
  ppid?: number;
  unordered?: boolean;
  /**
   * Milliseconds after which it is given up (RFC 3758). **Default:** never. One of `ttl`,
   * `retransmissions` and `priority` at most.
   */
  ttl?: number;
  /** Given up instead of being sent again more often than this (RFC 7496 §3.1). */
  retransmissions?: number;
  /**
   * Given up when the send buffer is full and a message of a lower value is next (RFC 7496
   * §3.2); 0 is the most important. On usrsctp the callback gets `ERR_SCTP_NOT_SUPPORTED`.
   */
  priority?: number;
  /** Asks the peer to acknowledge it without delay (RFC 7053). **Default:** `false`. */
  sackImmediately?: boolean;
  /**
   * IP address of the peer to send it to, §5.3.4. One that is none of `remoteAddresses` is
   * `ERR_INVALID_ARG_VALUE` in the callback. **Default:** the primary path.
   */
  to?: string;
  /** Comes back in `'send-failed'`. */
  context?: number;
}

/** A cause of an ABORT or ERROR chunk, RFC 9260 §3.3.10. */
export interface ErrorCause {
  code: number;
  name: string;
  information?: Buffer;
  description?: string;
}

/** Errors carry Node's properties where they apply, and the peer's causes. */
export interface SctpError extends Error {
  code: string;
  /** Negative, as in Node. */
  errno?: number;
  syscall?: string;
  address?: string;
  port?: number;
  cause?: ErrorCause & { reason: string; causes: ErrorCause[] };
}

export interface PeerInfo {
  /** `constants.SCTP_ACTIVE` … */
  state: number;
  stateName: 'inactive' | 'potentially_failed' | 'active' | 'unconfirmed';
  /** Bytes. */
  cwnd: number;
  /** Milliseconds. */
  srtt: number;
  /** Milliseconds. */
  rto: number;
  /** Bytes. */
  mtu: number;
}

export interface Path extends PeerInfo, AddressInfo {
  primary: boolean;
}

/** SCTP_STATUS, §8.2.1. What the stack does not tell is `undefined`. */
export interface Status {
  associationId: number;
  /** `constants.SCTP_ESTABLISHED` … */
  state: number;
  stateName: string;
  /** The peer's receive window; bytes. */
  rwnd: number;
  /** DATA chunks not acknowledged. */
  unackdata: number;
  /** DATA chunks received and not read. */
  penddata: number;
  numberOfIncomingStreams: number;
  numberOfOutgoingStreams: number;
  /** Bytes. */
  fragmentationPoint: number;
  primary?: Omit<PeerInfo, 'stateName'> & { address: string };
  /** Own verification tag. This and what follows: kernel with its module sctp_diag. */
  tag?: number;
  /** Chunks to be read. */
  incomingQueue?: number;
  /** Chunks to be sent. */
  outgoingQueue?: number;
  /** Retransmissions in a row. */
  overallError?: number;
  /** Packets. */
  maxBurst?: number;
  /** Bytes of a DATA chunk at most. */
  maxSeg?: number;
  /**
   * Verification tag; window in bytes; what it can do, bits from the lowest: AUTH, PR-SCTP,
   * ASCONF, host names, IPv6, IPv4, ECN; state of its SACKs: 1 zero window, 4 one is due.
   */
  peer?: { tag: number; rwnd: number; cap: number; sack: number };
}

export interface Traffic {
  messages: number;
  bytes: number;
}

/**
 * Totals since the association began. Packets, SACKs and chunks are counted by the kernel
 * (SCTP_GET_ASSOC_STATS, SCTP_PR_ASSOC_STATUS); with usrsctp, which does not count them, they are `undefined`.
 */
export interface Statistics {
  sent: Traffic;
  received: Traffic;
  failedMessages: number;
  /** Times the peer has restarted (RFC 9260 §5.2). */
  restarts: number;
  streams: { sid: number; sent: Traffic; received: Traffic }[];
  /** The largest retransmission time-out seen; milliseconds. */
  maxRto?: number;
  /** The path that had it. */
  maxRtoAddress?: string;
  packetsSent?: number;
  packetsReceived?: number;
  sacksSent?: number;
  sacksReceived?: number;
  retransmittedChunks?: number;
  /** TSNs received above the next that was expected. */
  tsnsOutOfSequence?: number;
  /** DATA chunks received twice. */
  duplicateChunks?: number;
  /** Gap ack blocks received (RFC 9260 §3.3.4). */
  gapAckBlocks?: number;
  /** DATA chunks. */
  unorderedChunksSent?: number;
  unorderedChunksReceived?: number;
  orderedChunksSent?: number;
  orderedChunksReceived?: number;
  controlChunksSent?: number;
  controlChunksReceived?: number;
  /** DATA chunks given up before they were first sent, and after (RFC 7496 §4.3). */
  abandonedUnsentChunks?: number;
  abandonedSentChunks?: number;
}

interface WithAssociation {
  /** The stack's number of the association. */
  assocId: number;
}

/** A notification, §6.1 and RFC 6525 §6.1; the same on both stacks. */
export type NotificationEvent =
  | (WithAssociation & {
    type: 'association_change';
    state: number;
    stateName?: 'SCTP_COMM_UP' | 'SCTP_COMM_LOST' | 'SCTP_RESTART' | 'SCTP_SHUTDOWN_COMP' |
      'SCTP_CANT_STR_ASSOC';
    error: number;
    outboundStreams: number;
    inboundStreams: number;
    causes: ErrorCause[];
  })
  | (WithAssociation & {
    type: 'peer_address_change';
    aaddr: AddressInfo;
    state: number;
    stateName?: string;
    error: number;
  })
  | (WithAssociation & {
    type: 'send_failed';
    error: number;
    sid: number;
    ppid: number;
    context: number;
    data: Buffer;
  })
  | (WithAssociation & { type: 'remote_error'; error: number; cause: ErrorCause })
  | (WithAssociation & { type: 'shutdown' })
  | (WithAssociation & { type: 'partial_delivery'; indication: number; stream: number; seq: number })
  | (WithAssociation & { type: 'adaptation'; adaptationInd: number })
  | (WithAssociation & {
    type: 'authentication';
    keynumber: number;
    altkeynumber: number;
    indication: number;
    indicationName?: string;
  })
  | (WithAssociation & { type: 'sender_dry' })
  | (WithAssociation & { type: 'stream_reset'; incoming: boolean; outgoing: boolean; streams: number[] })
  | (WithAssociation & { type: 'association_reset'; localTsn: number; remoteTsn: number })
  | (WithAssociation & { type: 'stream_change' })
  | { type: 'notifications_stopped' }
  | { type: 'unknown'; number: number; raw: Buffer };

export interface Notification {
  /** The record as the stack has given it, in that stack's own layout. */
  raw: Buffer;
  /** By the kernel's own field names: `{sn_type, sn_assoc_change: {sac_type, …}}`. */
  parsed: { sn_type: number; [member: string]: any };
  /** One line for people. */
  interpreted: string;
  event: NotificationEvent;
}

/** A message that was not delivered. */
export interface SendFailed {
  sid?: number;
  ppid?: number;
  context?: number;
  /** Bytes. */
  size?: number;
  /** It was on the wire, and not acknowledged. */
  sent: boolean;
  cause?: ErrorCause;
  data?: Buffer;
  /** Why this side refused it. */
  error?: SctpError;
}

export interface SocketEvents {
  'address-change': [];
  close: [hadError: boolean];
  connect: [];
  data: [message: Message];
  drain: [];
  end: [];
  error: [error: SctpError];
  finish: [];
  lookup: [error: Error | null, address: string, family: number, host: string];
  notification: [notification: Notification];
  'peer-info-update': [];
  ready: [];
  'send-failed': [failed: SendFailed];
  timeout: [];
}

/**
 * An association as a stream, with the behaviour of `net.Socket`. The readable side is in
 * object mode: each chunk is one message. Made by `connect()` and by a server.
 */
export class Socket extends Duplex {
  private constructor();

  readonly connecting: boolean;
  readonly pending: boolean;
  readonly readyState: 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed';
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Bytes that the stack has not taken yet, or not said so yet. */
  readonly writableLength: number;
  /** The same as `writableLength`. */
  readonly bufferSize: number;
  /** Milliseconds, as set by `setTimeout()`; 0: none. */
  readonly timeout: number;
  /** The observers' name of the peer, once connected. */
  readonly peerName: string | undefined;

  localFamily: IPFamily | undefined;
  localPort: number | undefined;
  localAddress: string | undefined;
  localAddresses: string[];
  remoteFamily: IPFamily | undefined;
  remotePort: number | undefined;
  /** The primary path's. */
  remoteAddress: string | undefined;
  remoteAddresses: string[];
  peerInfoByAddress: Record<string, PeerInfo | undefined>;
  /** The paths as last sampled. */
  readonly paths: Path[];

  address(): AddressInfo | {};
  ref(): this;
  unref(): this;
  setTimeout(msecs: number, callback?: () => void): this;
  setNoDelay(noDelay?: boolean): this;
  /** @throws `ERR_SOCKET_CLOSED` unless connected. */
  status(): Status;
  /** @throws `ERR_SOCKET_CLOSED` unless connected. */
  statistics(): Statistics;
  /** As the stack has them now. @throws `ERR_SOCKET_CLOSED` unless connected. */
  options(): SctpOptions;
  /** All but `initiation`, at any time. */
  setOptions(options: SctpOptions): this;

  /**
   * Sends one message. What is wrong and known at once throws (`ERR_OUT_OF_RANGE` for a
   * stream that was not negotiated, `ERR_INVALID_ARG_VALUE` for an empty message); what is
   * found later reaches the callback. Neither ends the socket.
   */
  write(data: Writable, callback?: (error: Error | null | undefined) => void): boolean;
  write(data: Writable, encoding?: BufferEncoding,
    callback?: (error: Error | null | undefined) => void): boolean;
  /** The same with attributes. */
  send(data: Writable, callback: (error: Error | null | undefined) => void): boolean;
  send(data: Writable, options?: SendOptions,
    callback?: (error: Error | null | undefined) => void): boolean;

  /** Graceful SHUTDOWN (RFC 9260 §9.2), behind what was written. */
  end(callback?: () => void): this;
  end(data: Writable, callback?: () => void): this;
  end(data: Writable, encoding?: BufferEncoding, callback?: () => void): this;
  /** ABORT (RFC 9260 §9.1), unless `end()` came first. */
  destroy(error?: Error): this;
  destroySoon(): void;
  resetAndDestroy(): this;
  /** ABORT with a reason of at most 1000 bytes for the peer, where the stack can carry it. */
  abort(reason?: string): this;

  read(): Message | null;
  [Symbol.asyncIterator](): AsyncIterableIterator<Message>;

  on<E extends keyof SocketEvents>(event: E, listener: (...args: SocketEvents[E]) => void): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  once<E extends keyof SocketEvents>(event: E, listener: (...args: SocketEvents[E]) => void): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
}

export interface DropInfo {
  localAddress?: string;
  localPort?: number;
  localFamily?: IPFamily;
  remoteAddress?: string;
  remotePort?: number;
  remoteFamily?: IPFamily;
}

export interface ServerEvents {
  /** Accepting is paused, for example for want of descriptors (`EMFILE`); it goes on by itself. */
  'accept-error': [error: SctpError];
  close: [];
  connection: [socket: Socket];
  drop: [data: DropInfo];
  error: [error: SctpError];
  listening: [];
}

/** A listening endpoint, with the behaviour of `net.Server`. */
export class Server extends EventEmitter {
  constructor(options?: ServerOptions | null, connectionListener?: (socket: Socket) => void);
  constructor(connectionListener: (socket: Socket) => void);
  readonly listening: boolean;
  /** Above it connections are ended at once, with `'drop'`. */
  maxConnections: number | undefined;
  listen(options?: ListenOptions, callback?: () => void): this;
  listen(callback: () => void): this;
  address(): AddressInfo | null;
  getLocalAddresses(): AddressInfo[];
  getConnections(callback: (error: Error | null, count: number) => void): this;
  close(callback?: (error?: Error) => void): this;
  ref(): this;
  unref(): this;
  /** Closes it, and resolves when it has closed. */
  [Symbol.asyncDispose](): Promise<void>;
  on<E extends keyof ServerEvents>(event: E, listener: (...args: ServerEvents[E]) => void): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  once<E extends keyof ServerEvents>(event: E, listener: (...args: ServerEvents[E]) => void): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
}

export interface ReconnectOptions {
  /** Milliseconds before the first attempt to come back. **Default:** 500. */
  minDelay?: number;
  /** Milliseconds at most. **Default:** 30000. */
  maxDelay?: number;
  /** What each failure multiplies the pause with. **Default:** 2. */
  factor?: number;
  /** The part of the pause that is left to chance, 0 to 1. **Default:** 0.5. */
  jitter?: number;
}

export interface PersistentOptions extends ConnectOptions {
  reconnect?: ReconnectOptions;
}

export interface Down {
  error: SctpError | undefined;
  /** It was up before. */
  wasUp: boolean;
  /** Milliseconds until the next attempt; `null`: none. */
  retryDelay: number | null;
  /** Failures in a row. */
  attempt: number;
}

export interface PersistentEvents {
  up: [socket: Socket];
  down: [down: Down];
  close: [];
}

/** An association that comes back when it is lost. */
export class PersistentConnection extends EventEmitter {
  private constructor();
  /** The one that is up. */
  readonly socket: Socket | null;
  readonly connected: boolean;
  readonly closed: boolean;
  /** Shuts down gracefully and stays away; `'close'` follows. */
  close(): this;
  ref(): this;
  unref(): this;
  /** Closes it, and resolves when it has closed. */
  [Symbol.asyncDispose](): Promise<void>;
  on<E extends keyof PersistentEvents>(event: E,
    listener: (...args: PersistentEvents[E]) => void): this;
  once<E extends keyof PersistentEvents>(event: E,
    listener: (...args: PersistentEvents[E]) => void): this;
}

export interface Capabilities {
  stack: 'kernel' | 'usrsctp';
  /** Several paths per association. */
  multihoming: boolean;
  /** The reason of `abort()` reaches the peer. */
  abortReason: boolean;
  /** Potentially failed paths are told, RFC 7829. */
  potentiallyFailed: boolean;
  /** Messages with a time to live, RFC 3758. */
  partialReliabilityTtl: boolean;
  /** Messages with a number of retransmissions, RFC 7496. */
  partialReliabilityRetransmissions: boolean;
  /** Messages with a priority, RFC 7496. */
  partialReliabilityPriority: boolean;
  /** SCTP directly over IP. */
  plainIp: boolean;
  /** SCTP over UDP, RFC 6951. */
  udpEncapsulation: boolean;
  /** Why `auto` did not take the kernel's. */
  fallbackReason?: string;
}

/** One fact of the process's event log; `type` says which other properties there are. */
export interface LogEvent {
  type: string;
  /** Dense and increasing within the process. */
  seq: number;
  /** Milliseconds since the epoch. */
  time: number;
  /** Milliseconds of a monotonic clock. */
  monotonic: number;
  endpointId: number;
  /** 0: a fact of an endpoint or of the process. */
  associationId: number;
  notification?: NotificationEvent;
  interpreted?: string;
  [property: string]: any;
}

export interface Events extends EventEmitter, AsyncIterable<LogEvent | LogGap> {
  on(event: 'event' | (string & {}), listener: (event: LogEvent) => void): this;
  once(event: 'event' | (string & {}), listener: (event: LogEvent) => void): this;
}

/** What an iterator's reader was too slow for. */
export interface LogGap {
  type: 'log_gap';
  from: number;
  to: number;
}

export interface MetricsListenOptions {
  /** An IPv4 or IPv6 address, or "localhost". Default "127.0.0.1". */
  host?: string;
  /** 0: the system chooses. Default 9464. */
  port?: number;
  /**
   * Basic authentication (RFC 7617) for everything but `/healthz`. The user has no colon,
   * neither is empty or has control characters.
   */
  auth?: { user: string, password: string };
  /**
   * Without it and without `auth` only loopback addresses are taken: metrics name peers,
   * and nothing asks who reads. Default false.
   */
  allowPublic?: boolean;
}

/**
 * An HTTP endpoint: `/metrics`, `/status.json`, `/events`, `/healthz` and the live page at
 * `/status`, as docs/http.md has them. It keeps no process alive.
 */
export interface MetricsEndpoint {
  readonly host: string;
  /** The one in use. */
  readonly port: number;
  /** "http://127.0.0.1:9464". */
  readonly url: string;
  /** Closes it and its connections. Safe to call twice. */
  close(): void;
}

/** What `prom-client` and `@prometheus-io/client` have in common. */
export interface MetricsRegistry {
  registerMetric(metric: any): void;
}

/** An endpoint as the event `seq` has left it: open, or with associations that live on. */
export interface EndpointSnapshot {
  endpointId: number;
  /** The observers' name. */
  name: string;
  role: 'listen' | 'connect';
  stack: 'kernel' | 'usrsctp';
  open: boolean;
  localAddresses: string[];
  localPort?: number;
  /** Of usrsctp. */
  udpPort?: number;
  /** Established now. */
  associations: number;
  /** The code of the error that accepting is paused for. */
  acceptError?: string;
}

/**
 * A living association, under the names that sockets have. Of its statistics those that
 * the library counts.
 */
export interface AssociationSnapshot extends
  Pick<Statistics, 'sent' | 'received' | 'failedMessages' | 'restarts' | 'streams'> {
  /** As in `LogEvent`, unlike the stack's own in `Status`. */
  associationId: number;
  endpointId: number;
  /** The observers' name of the endpoint. */
  endpoint: string;
  stack: 'kernel' | 'usrsctp';
  peerName: string;
  role: 'listen' | 'connect';
  state: number;
  stateName: string;
  /** Milliseconds since the epoch. */
  created: number;
  /** Milliseconds since the epoch; absent unless it is up. */
  established?: number;
  localAddresses: string[];
  localPort?: number;
  remoteAddresses: string[];
  remotePort?: number;
  /** As last sampled. */
  paths: Path[];
  numberOfIncomingStreams: number;
  numberOfOutgoingStreams: number;
}

export interface MetricsSnapshot {
  /** The last event it knows of; 0 before the first. */
  seq: number;
  /** Milliseconds since the epoch. */
  time: number;
  /** Milliseconds of a monotonic clock, as in `LogEvent`. */
  monotonic: number;
  endpoints: EndpointSnapshot[];
  associations: AssociationSnapshot[];
}

export interface Metrics {
  /**
   * Serves them, on a thread of its own: a scrape does not wait for JavaScript. Rejects
   * with `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` …, `ERR_INVALID_ARG_VALUE` for an address
   * that is not loopback without `auth` or `allowPublic`, and for an `auth` that HTTP cannot
   * carry. `LKSCTP_METRICS=host:port` does the same when the package is loaded.
   */
  listen(options?: MetricsListenOptions): Promise<MetricsEndpoint>;
  /** In the text exposition format 0.0.4. */
  text(): Promise<string>;
  /** That of what `text()` gives. */
  readonly contentType: string;
  /**
   * Everything that is known of the endpoints and associations of the process, workers
   * included, at one moment: that of the event `seq` of `sctp.events`.
   */
  snapshot(): MetricsSnapshot;
  /**
   * Registers every series; returns the registry. @throws `ERR_INVALID_ARG_TYPE` for what
   * has no `registerMetric`.
   */
  register<Registry extends MetricsRegistry>(registry: Registry): Registry;
  /**
   * Peers that are to be connected: their series exist, with `up 0`, before they are, and
   * whatever ends their associations.
   */
  expectPeers(peers: { endpoint: string, peer: string }[]): void;
}

export interface JournalOptions {
  /**
   * Its parts are `path.1`, `path.2` …, beside each other; `path` itself links to the newest.
   * The directory is made if it is not there.
   */
  path: string;
  /**
   * `durable`: what `status().durable` has reached survives a loss of power; `fast`: a crash
   * of the process; `off`: nothing is kept, and nothing but the arguments can be wrong.
   * Default "durable".
   */
  mode?: 'durable' | 'fast' | 'off';
  /** What is kept of the bytes of messages that failed. Default "none": their size. */
  userData?: 'none' | 'hash' | 'full';
  /** Events that wait for the disk at most; those beyond are a gap. At least 64. Default 65536. */
  queueCapacity?: number;
  /** A part is closed when it is that large. Default 256 MiB. */
  rotateBytes?: number;
  /** … or that old, in milliseconds, rounded up to seconds. Default 24 hours. */
  rotateAfter?: number;
  /** Closed parts are deleted, the oldest first, while all are larger. Default: none is. */
  retainBytes?: number;
  /** Closed parts are deleted when so many milliseconds have passed. Default: none is. */
  retainFor?: number;
}

export interface JournalStatus {
  /** That of the journal. */
  id: string;
  /** The file that is written now. */
  part: string;
  /** The `seq` of the last event that is safe, as the mode means it. */
  durable: number;
  /** Events that wait. */
  queued: number;
  /** Events that were committed. */
  written: number;
  /** Of all parts of the path. */
  bytes: number;
  gaps: number;
  /** In all gaps. */
  lostEvents: number;
  failedCommits: number;
  /** Present while commits fail; they are tried again. */
  error?: NodeJS.ErrnoException;
  /** How long commits took, in milliseconds: how many in each bucket, and all together. */
  commits: { buckets: { atMost: number, count: number }[], sum: number };
}

/** The journal that this process writes. It keeps no process alive. */
export interface Journal {
  /** Names it for ever: a UUID of version 7. Empty in the mode `off`. */
  readonly id: string;
  readonly path: string;
  readonly mode: 'durable' | 'fast' | 'off';
  /** Once it is closed: as it was last. */
  status(): JournalStatus;
  /**
   * Resolves when everything that was told before, by `sctp.events` for one, is safe. Rejects
   * with the error of the disk; what waits is tried again nevertheless.
   */
  flush(): Promise<void>;
  /**
   * Writes what waits and closes the files. Rejects with the error of the disk when that was
   * not possible. Safe to call twice. The end of the process, or of the worker that has opened
   * it, does the same.
   */
  close(): Promise<void>;
  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** An event's name for ever. As a cursor: the last event that was read. */
export interface JournalPosition {
  /** The id of the journal. */
  journal: string;
  seq: number;
}

/** An event of a journal, with the properties it had in `sctp.events`. */
export interface JournalEntry extends LogEvent {
  /** The id of the journal. */
  journal: string;
  /** Bytes of the user that the journal does not have. */
  userDataSize?: number;
  /** Of a kind or version that this version of the package does not know. */
  version?: number;
  /** The same: the body as JSON. */
  body?: string;
}

/** What cannot be read, in the place where it was. */
export interface JournalDamage {
  type: 'damage';
  /** It is no event: TypeScript tells them apart by this. */
  seq?: undefined;
  /** The file. */
  part: string;
  /** The first number that is missing; 0: not known. */
  from: number;
  to: number;
  /** For people. */
  reason: string;
}

export interface JournalReplayOptions {
  /** Goes on behind this event, also in later journals. Default: the first there is. */
  after?: JournalPosition;
  /** Waits for more at the end, and keeps the process alive. Default false. */
  follow?: boolean;
  /** Only events of these types. Damage is told all the same. */
  kinds?: string[];
  /** Only events of associations with the peer of this name, and those about the log itself. */
  peer?: string;
  /** Ends it with an `AbortError`. */
  signal?: AbortSignal;
}

export interface JournalStateOptions {
  /** After the last event until then: a Date, milliseconds since the epoch, or ISO 8601. */
  at?: Date | number | string;
  /** After the event of this number. Not together with `at`. Default: after the last event. */
  seq?: number;
  /** The id of the journal. Default: the newest that has the place. */
  journal?: string;
}

/** What `metrics.snapshot()` would have given. */
export interface JournalState extends MetricsSnapshot {
  /** The last event that is in it. */
  position: JournalPosition;
  /** False after damage with no snapshot of the journal behind it. */
  exact: boolean;
  /** Events of kinds that this version of the package does not know, by kind. */
  unknown: Record<string, number>;
  damage: JournalDamage[];
}

export interface JournalModule {
  /**
   * Writes the events of the process, workers included, to disk from now on; the state before
   * is its first snapshot. Rejects with `ERR_SCTP_JOURNAL_OPEN` when the process writes one
   * already, `EBUSY` when another process writes there, and `EACCES`, `EEXIST`, `ENOSPC`,
   * `EPERM`, `EROFS` … of the disk. `LKSCTP_JOURNAL=path` does the same when the package is
   * loaded.
   */
  open(options: JournalOptions): Promise<Journal>;
  /**
   * The events of a path in order, across its parts and journals, and what is damaged, where
   * it was. Reads in another thread, no more than is asked for; changes nothing, and may run
   * while another process writes. The iterator's errors are `ENOENT`, `EACCES` … and
   * `ERR_INVALID_ARG_VALUE` for what is no journal.
   */
  replay(path: string, options?: JournalReplayOptions):
    AsyncIterableIterator<JournalEntry | JournalDamage>;
  /**
   * Endpoints and associations as the process had them at that place. Rejects as `replay()`
   * does, and with `ERR_INVALID_ARG_VALUE` when there is no such place.
   */
  state(path: string, options?: JournalStateOptions): Promise<JournalState>;
}

export function createServer(options?: ServerOptions | null,
  connectionListener?: (socket: Socket) => void): Server;
export function createServer(connectionListener: (socket: Socket) => void): Server;

/**
 * Starts to connect. @throws what is wrong with the options (`ERR_INVALID_ARG_TYPE`,
 * `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_SOCKET_BAD_PORT`, `ERR_MISSING_ARGS`).
 */
export function connect(options: ConnectOptions, connectListener?: () => void): Socket;
export { connect as createConnection };
/** Resolves once it is connected; rejects with the error. */
export function connectAsync(options: ConnectOptions): Promise<Socket>;
/** An association that comes back, after a pause that grows with each failure. */
export function connectPersistent(options: PersistentOptions): PersistentConnection;
/** What a stack can do here. @throws `ERR_SCTP_STACK_UNAVAILABLE`, `ERR_SCTP_STACK_IN_USE`. */
export function capabilities(stack?: Stack): Capabilities;
/** Every event of the process. Listening keeps nothing alive. */
export const events: Events;
/** The event log on disk: docs/journal-format.md says what the files hold. */
export const journal: JournalModule;
/** Prometheus metrics of the process: the series of docs/metrics.md. */
export const metrics: Metrics;
/** The names of the numbers in `parsed`, `status()` and causes. */
export const constants: Readonly<Record<string, number>>;
/** Payload protocol identifiers, by IANA's names. */
export const ppids: Readonly<Record<
  'UNSPECIFIED' | 'IUA' | 'M2UA' | 'M3UA' | 'SUA' | 'M2PA' | 'V5UA' | 'H248' | 'BICC' | 'TALI' |
  'DUA' | 'ASAP' | 'ENRP' | 'H323' | 'QIPC' | 'SIMCO' | 'DDP_SEGMENT' |
  'DDP_STREAM_SESSION_CONTROL' | 'S1AP' | 'RUA' | 'HNBAP' | 'FORCES_HP' | 'FORCES_MP' |
  'FORCES_LP' | 'SBC_AP' | 'NBAP' | 'X2AP' | 'IRCP' | 'LCS_AP' | 'MPICH2' | 'SABP' | 'FGP' |
  'PPP' | 'CALCAPP' | 'SSP' | 'NPMP_CONTROL' | 'NPMP_DATA' | 'ECHO' | 'DISCARD' | 'DAYTIME' |
  'CHARGEN' | 'RNA' | 'M2AP' | 'M3AP' | 'SSH' | 'DIAMETER' | 'DIAMETER_DTLS' | 'R14P' |
  'WEBRTC_DCEP' | 'WEBRTC_STRING' | 'WEBRTC_BINARY_PARTIAL' | 'WEBRTC_BINARY' |
  'WEBRTC_STRING_PARTIAL' | 'PUA' | 'WEBRTC_STRING_EMPTY' | 'WEBRTC_BINARY_EMPTY' | 'XWAP' |
  'XW_CONTROL_PLANE' | 'NGAP' | 'XNAP' | 'F1AP' | 'HTTP_SCTP' | 'E1AP' | 'ELE2_LI' |
  'NGAP_DTLS' | 'XNAP_DTLS' | 'F1AP_DTLS' | 'E1AP_DTLS' | 'E2_CP' | 'E2_UP' | 'E2_DU' |
  'W1AP', number>>;
