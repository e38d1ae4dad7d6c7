import type { Remedy } from '../remedy.ts';

// The remedy for want of network, said of a step that has none.
const declareNetwork = 'what must have the network says so in parity.yaml, step "{step}": network: full';
// The machine's own names and addresses, which need no network: what asked for them stands in the traceback above.
const loopback =
  /gethostname\(\)|getfqdn\(\)|os\.hostname\(\)|\b(?:host|node|hostname|address) += ['"](?:localhost|127\.\d|::1)|(?:lookup|ENOTFOUND|EAI_AGAIN) localhost\b/;
const escalate = 'If nothing of yours changed, it is not the code';

/** What is not the code: databases, keys, network, disk, memory. */
export const infrastructure: readonly Remedy[] = [
  {
    id: 'infrastructure/database-unreachable',
    title: 'The database cannot be reached',
    meaning:
      'Nothing listens at its address: the service is not declared, is not ready yet, or is down. A step reaches only the services that parity.yaml declares, at localhost and by their names.',
    remedy: 'Declare it under services in parity.yaml, with a `ready` command; no other database is in reach of a step',
    before: 'services: {}',
    after: 'services:\n  db:\n    image: postgres:16\n    ready: pg_isready -U postgres',
    links: ['https://www.postgresql.org/docs/current/server-start.html#CLIENT-CONNECTION-PROBLEMS'],
    matchers: [
      { pattern: /connection to server at "[^"]+"[^\n]*failed: (?:Connection refused|FATAL:)/ },
      { pattern: /could not connect to server: (?:Connection refused|Connection timed out)/ },
      { pattern: /Connect call failed \('[^']+', (?:5432|3306|1433|27017|6379|1521)/ },
      { pattern: /the database system is (?:starting up|shutting down|in recovery mode)/ },
      { pattern: /Can't connect to (?:MySQL|local MySQL|MariaDB) server/ },
      { pattern: /Error (?:111|-2|-3) connecting to [^\n]+:6379/ },
    ],
    kind: 'cause',
    escalates: true,
    covers: ['infrastructure/connection-refused'],
  },
  {
    id: 'infrastructure/kms-unreachable',
    title: 'A cloud service for keys or secrets cannot be used',
    meaning: `KMS, Vault, Secrets Manager: no network, no credentials, or no right to the key. ${escalate}: it has to go to those who run it.`,
    remedy: 'It is not the code: check credentials, rights and network; tests are better off with a fake key',
    links: ['https://docs.aws.amazon.com/boto3/latest/guide/error-handling.html'],
    matchers: [
      {
        pattern: /Could not connect to the endpoint URL: "https?:\/\/(?:kms|secretsmanager|ssm|sts)\./,
        offline: `Use a fake key in tests; ${declareNetwork}`,
      },
      {
        pattern:
          /\b(?:KMSInternalException|KMSInvalidStateException|KMSAccessDeniedException|DependencyTimeoutException)\b/,
      },
      {
        pattern:
          /\((?:AccessDeniedException|ThrottlingException)\) when calling the (?:Decrypt|Encrypt|GenerateDataKey|GetSecretValue)/,
      },
      { pattern: /NoCredentialsError: Unable to locate credentials/ },
    ],
    kind: 'cause',
    escalates: true,
    covers: ['infrastructure/connection-refused', 'infrastructure/name-resolution'],
  },
  {
    id: 'infrastructure/name-resolution',
    title: 'A host name cannot be looked up',
    meaning:
      'The step has no network, which is the default: what passes must not depend on the internet. With network: full, DNS or a VPN is out of order.',
    remedy:
      'Look at DNS, proxy and VPN; a step has a network only with network: full; tests are better off with a fake',
    before: '- { name: tests, run: pytest -q }',
    after: '- { name: smoke, run: ./smoke.sh, network: full }',
    links: ['https://docs.python.org/3/library/socket.html#socket.gaierror'],
    // glibc, musl, macOS; Node; curl, git; apt; Go; Java; requests, whose own words hide those of libc.
    matchers: [
      {
        except: loopback,
        pattern:
          /temporary failure (?:in name resolution|resolving)|name or service not known|\bEAI_AGAIN\b|\bENOTFOUND\b|could not resolve (?:host|proxy)|nodename nor servname|name does not resolve|dial tcp: lookup |unknownhostexception|\bENETUNREACH\b|network is unreachable|failed to establish a new connection: \[errno (?:-2|-3|101)\]/i,
        offline: `Use a fake in tests; ${declareNetwork}`,
      },
    ],
    kind: 'cause',
    escalates: true,
  },
  {
    id: 'infrastructure/address-not-available',
    title: 'A server is bound to an address that this machine does not have',
    meaning:
      'A container has other addresses than your machine: its own, and those of localhost. An address that is written into code or configuration is mostly of one machine.',
    remedy: 'Bind to localhost, or to 0.0.0.0 (:: for both IPv6 and IPv4) to be reached from elsewhere',
    before: 'server.bind(("192.168.1.20", 8000))',
    after: 'server.bind(("localhost", 8000))',
    links: ['https://docs.python.org/3/library/socket.html#socket-families'],
    matchers: [{ pattern: /\[Errno 99\]|\bEADDRNOTAVAIL\b|[Cc](?:annot|an't) assign requested address/ }],
    kind: 'cause',
  },
  {
    id: 'infrastructure/own-name',
    title: "The machine's own name cannot be looked up",
    meaning:
      'The code asks for the address of its own host name, which nothing has to resolve: it differs from machine to machine. No network is needed for it.',
    remedy: 'Use localhost in place of the own host name, or catch socket.gaierror',
    before: 'address = socket.gethostbyname(socket.gethostname())',
    after: 'address = socket.gethostbyname("localhost")',
    links: ['https://docs.python.org/3/library/socket.html#socket.gethostname'],
    matchers: [
      {
        pattern:
          /(?:gethostname\(\)|getfqdn\(\)|os\.hostname\(\))(?:.*\n){1,40}?.*(?:gaierror: \[Errno -[235]\]|\bENOTFOUND\b|\bEAI_AGAIN\b)/,
      },
    ],
    kind: 'cause',
    covers: ['infrastructure/name-resolution'],
  },
  {
    id: 'infrastructure/connection-refused',
    title: 'A server refuses the connection',
    meaning:
      'Nothing listens at that address and port, there, from inside of the container: localhost is the container, not your machine.',
    remedy: 'Declare the server under services, or start it in the step; mind that localhost is the container',
    links: ['https://docs.python.org/3/library/exceptions.html#ConnectionRefusedError'],
    matchers: [{ pattern: /ConnectionRefusedError|\bECONNREFUSED\b|[Cc]onnection refused/ }],
    kind: 'cause',
    escalates: true,
  },
  {
    id: 'infrastructure/disk-full',
    title: 'The disk is full',
    meaning:
      'A write failed for want of room, in the container, in a volume, or on the engine. The code has no part in it.',
    remedy: 'Free room: parity clean shows what parity keeps; docker system df shows the rest',
    links: ['https://docs.docker.com/reference/cli/docker/system/df/'],
    matchers: [{ pattern: /No space left on device|\bENOSPC\b|database or disk is full/ }],
    kind: 'cause',
    escalates: true,
  },
  {
    id: 'infrastructure/out-of-memory',
    title: 'A program ran out of memory',
    meaning:
      'Node stops at its own heap limit, Python raises MemoryError, the kernel kills with signal 9: too many at once, or truly too much data.',
    remedy:
      'Run fewer at once (parity up --jobs 1), raise the limit (NODE_OPTIONS=--max-old-space-size=4096), or give the engine more memory',
    links: ['https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib'],
    matchers: [{ pattern: /JavaScript heap out of memory/ }, { pattern: /^(?:E +)?MemoryError\b/m }],
    kind: 'cause',
    escalates: true,
  },
  {
    id: 'infrastructure/needs-root',
    title: 'A step is not root, so it installs no Debian packages',
    meaning:
      'Steps run as you, without rights over the system: what a machine of CI installs with sudo is in the image here, where the lock pins it.',
    remedy: 'Name the packages in parity.yaml, toolchain: { system: [NAME] }, and take the command out of the step',
    before: '- { name: tools, run: apt-get install -y jq, network: full }',
    after: 'toolchain:\n  system: [jq]',
    links: ['https://docs.docker.com/engine/security/#linux-kernel-capabilities'],
    matchers: [
      {
        // What `playwright install --with-deps` says before it has apt (or sudo, or su) install, and at the end.
        pattern:
          /^(?:Installing dependencies\.\.\.|Switching to root user to install dependencies\.\.\.)$[\s\S]*?^Failed to install browser(?:s| dependencies)$/m,
        except: /^Failed to download/m,
        remedy:
          "Leave --with-deps out; what `playwright install-deps --dry-run` lists goes into parity.yaml's toolchain: { system: [NAME] }",
      },
      {
        pattern:
          /are you root\?|Could not open lock file \/var\/lib\/(?:apt|dpkg)\/|\bE: set(?:groups|egid|euid) \d+ failed\b|^sudo: .*(?:no new privileges|password is required)/m,
      },
    ],
    kind: 'cause',
    covers: ['infrastructure/name-resolution'],
  },
  {
    id: 'infrastructure/too-many-open-files',
    title: 'A program has more files open than it may',
    meaning: 'Files or connections are opened and not closed, or the limit of the engine is low.',
    remedy: 'Close what is opened (with, async with); see the limit with ulimit -n',
    links: ['https://docs.python.org/3/library/resource.html#resource.RLIMIT_NOFILE'],
    matchers: [{ pattern: /Too many open files|\bEMFILE\b/ }],
    kind: 'cause',
  },
  {
    id: 'infrastructure/certificate',
    title: "A server's certificate is not trusted",
    meaning:
      'A company proxy signs with its own authority, which the program does not know; or the certificate is self-signed or out of date. Never switch the check off.',
    remedy: "Put the authority's certificate where parity finds it (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS on the host)",
    links: ['https://docs.python.org/3/library/ssl.html#ssl-security'],
    matchers: [
      {
        pattern:
          /CERTIFICATE_VERIFY_FAILED|\bSELF_SIGNED_CERT_IN_CHAIN\b|\bDEPTH_ZERO_SELF_SIGNED_CERT\b|unable to get local issuer certificate/,
      },
    ],
    kind: 'cause',
  },
];
