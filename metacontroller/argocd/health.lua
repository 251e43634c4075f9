-- Argo CD's health of a NixImage; docs/cluster.md says how it gets there.
-- https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#custom-health-checks

local function health(status, message)
  return { status = status, message = message }
end

local status = obj.status
if status == nil or status.conditions == nil then
  return health("Progressing", "nobody has looked at the image yet")
end
if status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "nobody has looked at the changed image yet")
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition
end

local ready, stalled = conditions.Ready, conditions.Stalled
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", stalled.reason .. ": " .. stalled.message)
end
if ready == nil then
  return health("Progressing", "it is not known whether the image is ready")
end
if ready.status == "True" then
  return health("Healthy", status.imageRef)
end
if ready.reason == "Suspended" then
  return health("Suspended", ready.message)
end
return health("Progressing", ready.reason .. ": " .. ready.message)
