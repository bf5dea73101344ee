// Removes the webhook before the pods behind it: until then, with failurePolicy Fail, no kubelet could ask.
const { status, body } = await ask('DELETE', process.env.WEBHOOK)
if (status === 200) end(true, 'the webhook is removed')
else if (status === 404) end(true, 'there is no webhook')
else end(false, `the API server answers ${status}: ${body.message}`)
