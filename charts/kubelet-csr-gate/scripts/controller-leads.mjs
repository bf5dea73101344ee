// Proves that a pod holds the Lease, and so approves: it was renewed lately, by the API server's own clock.
const { LEASE: path } = process.env
/** A Lease that nobody renewed for so long is free to take. */
const LEASE_MS = 15_000

const { status, headers, body } = await ask('GET', path)
const { holderIdentity: holder, renewTime } = body.spec ?? {}
const age = new Date(headers.get('date')).getTime() - new Date(renewTime).getTime()
if (status !== 200) end(false, `the API server answers ${status}: ${body.message}`)
else if (!holder) end(false, 'no pod holds the Lease: nothing is approved')
else if (age > LEASE_MS) end(false, `${holder} held the Lease, last ${Math.round(age / 1_000)} s ago`)
else end(true, `${holder} holds the Lease: it approves`)
