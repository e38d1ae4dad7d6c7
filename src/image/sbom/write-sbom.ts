import { createHash } from 'node:crypto';
import parseExpression from 'spdx-expression-parse';
import type { Digest } from '../../core/digest.ts';
import { parityVersion } from '../../core/version.ts';
import { canonicalTime } from '../canonical/canonical-layer.ts';
import type { Component } from './components.ts';

/** The formats of a bill of materials that parity writes. */
export const sbomFormats = ['cyclonedx', 'spdx'] as const;
export type SbomFormat = (typeof sbomFormats)[number];

/** What a bill of materials is of. */
export interface SbomSubject {
  readonly name: string;
  /** The image's ID. */
  readonly config: Digest;
  readonly manifest: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  readonly components: readonly Component[];
}

/** A bill of materials as JSON: the same image gives the same bytes, as there is no time of writing and no random number in it. */
export function writeSbom(format: SbomFormat, subject: SbomSubject): string {
  const document = format === 'cyclonedx' ? cycloneDx(subject) : spdx(subject);
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json */
function cycloneDx({ name, config, manifest, annotations, components }: SbomSubject): unknown {
  const properties = Object.entries(annotations).map(([key, value]) => ({ name: key, value }));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(config)}`,
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'parity', version: parityVersion }] },
      component: {
        type: 'container',
        'bom-ref': 'image',
        name,
        version: config,
        hashes: [{ alg: 'SHA-256', content: hexOf(config) }],
        properties: [{ name: 'dev.parity.manifest', value: manifest }, ...properties],
      },
    },
    components: components.map(({ name: component, version, purl, license, supplier, homepage, hash }) => ({
      type: 'library',
      'bom-ref': purl,
      ...(supplier === undefined ? {} : { supplier: { name: supplier } }),
      name: component,
      version,
      ...(hash === undefined ? {} : { hashes: [{ alg: hash.algorithm, content: hash.hex }] }),
      ...(license === undefined
        ? {}
        : { licenses: isExpression(license) ? [{ expression: license }] : [{ license: { name: license } }] }),
      purl,
      ...(homepage === undefined || !URL.canParse(homepage)
        ? {}
        : { externalReferences: [{ type: 'website', url: homepage }] }),
    })),
    dependencies: [
      { ref: 'image', dependsOn: components.map(({ purl }) => purl) },
      ...components.map(({ purl }) => ({ ref: purl })),
    ],
  };
}

/** SPDX 2.3: https://spdx.github.io/spdx-spec/v2.3 */
function spdx({ name, config, components, annotations }: SbomSubject): unknown {
  const idOf = (purl: string): string =>
    `SPDXRef-Package-${createHash('sha256').update(purl).digest('hex').slice(0, 16)}`;
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `urn:parity:image:${config}`,
    creationInfo: {
      created: new Date(canonicalTime * 1000).toISOString().replace('.000', ''),
      creators: [`Tool: parity-${parityVersion}`],
      comment: "The image's own constant time: the same image gives the same document.",
    },
    packages: [
      {
        SPDXID: 'SPDXRef-Image',
        name,
        versionInfo: config,
        primaryPackagePurpose: 'CONTAINER',
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        licenseConcluded: 'NOASSERTION',
        licenseDeclared: 'NOASSERTION',
        copyrightText: 'NOASSERTION',
        checksums: [{ algorithm: 'SHA256', checksumValue: hexOf(config) }],
        comment: JSON.stringify(annotations),
      },
      ...components.map(({ name: component, version, purl, license, supplier, homepage, hash }) => ({
        SPDXID: idOf(purl),
        name: component,
        versionInfo: version,
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        ...(supplier === undefined ? {} : { supplier: `Organization: ${supplier}` }),
        ...(homepage === undefined || !URL.canParse(homepage) ? {} : { homepage }),
        licenseConcluded: 'NOASSERTION',
        licenseDeclared: license !== undefined && isExpression(license) ? license : 'NOASSERTION',
        ...(license === undefined || isExpression(license) ? {} : { licenseComments: license }),
        copyrightText: 'NOASSERTION',
        ...(hash === undefined
          ? {}
          : { checksums: [{ algorithm: hash.algorithm.replace('-', ''), checksumValue: hash.hex }] }),
        externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
      })),
    ],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-Image' },
      ...components.map(({ purl }) => ({
        spdxElementId: 'SPDXRef-Image',
        relationshipType: 'CONTAINS',
        relatedSpdxElement: idOf(purl),
      })),
    ],
  };
}

/** Whether a licence is an SPDX expression, and not a text of the author's own. */
function isExpression(license: string): boolean {
  try {
    parseExpression(license);
    return true;
  } catch {
    return false;
  }
}

function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** A UUID (version 8: of one's own making) from a digest. */
function uuidOf(digest: Digest): string {
  const hex = hexOf(digest);
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
