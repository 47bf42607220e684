import type { FaultDefinition } from '../../fault.js';
import authTokenTrouble from './auth-token-trouble.js';
import certExpired from './cert-expired.js';
import certExpiringSoon from './cert-expiring-soon.js';
import certMissingUsage from './cert-missing-usage.js';
import certNotYetValid from './cert-not-yet-valid.js';
import certWrongCa from './cert-wrong-ca.js';
import certWrongSan from './cert-wrong-san.js';
import jwtKeysDiffer from './jwt-keys-differ.js';
import schemeMismatch from './scheme-mismatch.js';
import trustedCaReplaced from './trusted-ca-replaced.js';
import userCredentials from './user-credentials.js';

export const securityFaults: readonly FaultDefinition[] = [
  certExpired,
  certNotYetValid,
  certExpiringSoon,
  certWrongSan,
  certWrongCa,
  certMissingUsage,
  trustedCaReplaced,
  userCredentials,
  schemeMismatch,
  authTokenTrouble,
  jwtKeysDiffer,
] as unknown as readonly FaultDefinition[];
