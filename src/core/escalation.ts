/** What a failing step ends with when it is not the code that is at fault: a database, a key service, the network, a disk, memory. */
export const escalation = 'If nothing here changed and it stays so: parity bundle';
