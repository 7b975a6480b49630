// `/status.json` and `/events` as docs/http.md has them: what the page reads of them.

export interface Traffic {
  messages: number;
  bytes: number;
}

export interface Path {
  address: string;
  primary: boolean;
  stateName: string;
  cwnd: number;
  srtt: number;
  rto: number;
  mtu: number;
}

export interface Association {
  id: string;
  endpoint: string;
  peer: string;
  role: string;
  stack: string;
  stateName: string;
  up: boolean;
  since: number;
  established?: number;
  localAddresses: string[];
  localPort?: number;
  remoteAddresses: string[];
  remotePort?: number;
  inboundStreams: number;
  outboundStreams: number;
  sent: Traffic;
  received: Traffic;
  failedMessages: number;
  unsentMessages: number;
  restarts: number;
  rwnd?: number;
  unackdata?: number;
  penddata?: number;
  sendQueue?: number;
  statistics?: { retransmittedChunks: number; [counter: string]: number | string };
  paths: Path[];
}

export interface Peer {
  endpoint: string;
  peer: string;
  configured: boolean;
  up: boolean;
  lastChange?: number;
  lastClose?: string;
  sent: Traffic;
  received: Traffic;
}

export interface Endpoint {
  id: string;
  name: string;
  role: string;
  stack: string;
  localAddresses: string[];
  port?: number;
  udpPort?: number;
  open: boolean;
  associations: number;
  alive: number;
  acceptError?: { code: string; message: string };
}

export interface Status {
  format: number;
  version: string;
  started: number;
  now: number;
  monotonic: number;
  seq: number;
  loop: { turns: number; busy: number; lag: number; lagMean: number };
  totals: {
    associations: number;
    alive: number;
    pathsFailed: number;
    peersDown: number;
    sent: Traffic;
    received: Traffic;
  };
  endpoints: Endpoint[];
  peers: Peer[];
  associations: Association[];
  omitted: { peers: number; associations: number };
}

export interface LoggedEvent {
  seq: number;
  type: string;
  time: number;
  endpointId: string;
  associationId: string;
  peer?: string;
  interpreted?: string;
  [member: string]: unknown;
}
