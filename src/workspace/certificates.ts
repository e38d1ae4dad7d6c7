/** Where a container that may reach the network finds the host's certificate authorities. */
export const certificatesPath = '/parity/certificates.pem';

/** The variables that point Python, Node, pip, curl, git and others to the bundle. */
export const certificateVariables: Readonly<Record<string, string>> = Object.fromEntries(
  ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO'].map(
    (name) => [name, certificatesPath],
  ),
);
