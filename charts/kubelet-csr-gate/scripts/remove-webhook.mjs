// Removes the webhook before the pods: with failurePolicy Fail, kubelets could not create CSRs in between.
const { status, body } = await ask('DELETE', process.env.WEBHOOK)
if (status === 200) end(true, 'webhook removed')
else if (status === 404) end(true, 'webhook not found')
else end(false, `the API server answers ${status}: ${body.message}`)
