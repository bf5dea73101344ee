// Checks that a pod holds the Lease, and so approves: it was renewed recently by the clock of the API server.
const { LEASE: path } = process.env
/** A Lease not renewed for this time is free. */
const LEASE_MS = 15_000

const { status, headers, body } = await ask('GET', path)
const { holderIdentity: holder, renewTime } = body.spec ?? {}
const age = new Date(headers.get('date')).getTime() - new Date(renewTime).getTime()
if (status !== 200) end(false, `the API server answers ${status}: ${body.message}`)
else if (!holder) end(false, 'no pod holds the Lease: nothing is approved')
else if (age > LEASE_MS)
  end(false, `no pod holds the Lease: ${holder} renewed it ${Math.round(age / 1_000)} s ago`)
else end(true, `${holder} holds the Lease: it approves`)
