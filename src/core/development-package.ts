// The Debian package that brings each header, and each program that a build asks for its library's flags.
const packages: Readonly<Record<string, string>> = {
  'sqlite3.h': 'libsqlite3-dev',
  'sqlite3ext.h': 'libsqlite3-dev',
  'zlib.h': 'zlib1g-dev',
  'lzma.h': 'liblzma-dev',
  'bzlib.h': 'libbz2-dev',
  'ffi.h': 'libffi-dev',
  'yaml.h': 'libyaml-dev',
  'libpq-fe.h': 'libpq-dev',
  pg_config: 'libpq-dev',
  'openssl/ssl.h': 'libssl-dev',
  'openssl/evp.h': 'libssl-dev',
  'openssl/opensslv.h': 'libssl-dev',
  'curl/curl.h': 'libcurl4-openssl-dev',
  'curl-config': 'libcurl4-openssl-dev',
  'libxml/parser.h': 'libxml2-dev',
  'libxml/xmlversion.h': 'libxml2-dev',
  'xml2-config': 'libxml2-dev',
  'libxslt/xsltconfig.h': 'libxslt1-dev',
  'xslt-config': 'libxslt1-dev',
  'mysql.h': 'default-libmysqlclient-dev',
  'mysql/mysql.h': 'default-libmysqlclient-dev',
  mysql_config: 'default-libmysqlclient-dev',
  'ldap.h': 'libldap-dev',
  'sasl/sasl.h': 'libsasl2-dev',
  'gssapi/gssapi.h': 'libkrb5-dev',
  'krb5-config': 'libkrb5-dev',
  'jpeglib.h': 'libjpeg-dev',
  'Python.h': 'python3-dev',
  'pkg-config': 'pkg-config',
  cmake: 'cmake',
  gfortran: 'gfortran',
};

/** The Debian package that has a header (`zlib.h`) or a program of a library's (`pg_config`); undefined where that is not known. */
export function developmentPackage(name: string): string | undefined {
  return Object.hasOwn(packages, name) ? packages[name] : undefined;
}
