import { expect, it } from 'vitest';
import { basicAuthorization, parseChallenge, tokenRequest } from './registry-login.ts';

it('reads what registries ask', () => {
  expect(parseChallenge('Basic realm="a registry"')).toEqual({ scheme: 'basic' });
  expect(
    parseChallenge(
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    ),
  ).toEqual({
    scheme: 'bearer',
    realm: 'https://auth.example/token',
    service: 'registry.example',
    scope: 'repository:a/b:pull,push',
  });
  expect(parseChallenge('bearer realm=https://auth.example/token, service="say \\"hi\\", you"')).toEqual({
    scheme: 'bearer',
    realm: 'https://auth.example/token',
    service: 'say "hi", you',
  });
  for (const none of ['', 'Negotiate', 'Bearer service="x"']) expect(parseChallenge(none)).toBeUndefined();
});

it('asks for a token as a user, as nobody, or with an identity token', () => {
  const challenge = { scheme: 'bearer', realm: 'https://auth.example/token?v=1', service: 'a registry' } as const;
  const scope = 'repository:a/b:pull,push';
  const url = 'https://auth.example/token?v=1&service=a+registry&scope=repository%3Aa%2Fb%3Apull%2Cpush';
  expect(tokenRequest(challenge, scope, {})).toEqual({ method: 'GET', url, headers: {} });
  expect(tokenRequest(challenge, scope, { username: 'me', password: 'p:w' })).toEqual({
    method: 'GET',
    url,
    headers: { authorization: `Basic ${Buffer.from('me:p:w').toString('base64')}` },
  });
  expect(tokenRequest(challenge, scope, { identitytoken: 'it&' })).toMatchObject({
    method: 'POST',
    url: 'https://auth.example/token?v=1',
    body: `grant_type=refresh_token&refresh_token=it%26&client_id=parity&service=a+registry&scope=${encodeURIComponent(scope)}`,
  });
  expect(basicAuthorization({})).toBeUndefined();
});
