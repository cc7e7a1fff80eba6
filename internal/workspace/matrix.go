package workspace

// Capability is one permission. Reading is its own capability where the matrix tells reading from changing.
type Capability string

const (
	WorkspaceDelete Capability = "workspace.delete"
	WorkspaceManage Capability = "workspace.manage"
	ChannelConnect  Capability = "channel.connect"
	GoalRead        Capability = "goal.read"
	GoalEdit        Capability = "goal.edit"
	CampaignRead    Capability = "campaign.read"
	CampaignEdit    Capability = "campaign.edit"
	AssetUpload     Capability = "asset.upload"
	PostRead        Capability = "post.read"
	PostDraft       Capability = "post.draft"
	PostSchedule    Capability = "post.schedule"
	PostApprove     Capability = "post.approve"
	QueuePause      Capability = "queue.pause"
	PublishStop     Capability = "publish.stop"
	PublishRelease  Capability = "publish.release"
	InboxRead       Capability = "inbox.read"
	InboxReply      Capability = "inbox.reply"
	InboxModerate   Capability = "inbox.moderate"
	InboxRules      Capability = "inbox.rules"
	LinkEdit        Capability = "link.edit"
	OrderRead       Capability = "order.read"
	OrderImport     Capability = "order.import"
	AnalyticsRead   Capability = "analytics.read"
	DataExport      Capability = "data.export"
	KeyManage       Capability = "key.manage"
	AuditRead       Capability = "audit.read"
)

// Capabilities are all of them, in the order of the matrix.
var Capabilities = []Capability{WorkspaceDelete, WorkspaceManage, ChannelConnect, GoalRead, GoalEdit, CampaignRead,
	CampaignEdit, AssetUpload, PostRead, PostDraft, PostSchedule, PostApprove, QueuePause, PublishStop,
	PublishRelease, InboxRead, InboxReply, InboxModerate, InboxRules, LinkEdit, OrderRead, OrderImport,
	AnalyticsRead, DataExport, KeyManage, AuditRead}

// Name is the capability as the matrix words it.
func (c Capability) Name() string { return names[c] }

var names = map[Capability]string{
	WorkspaceDelete: "delete or hand over the workspace", WorkspaceManage: "workspace settings, members and roles",
	ChannelConnect: "connect and disconnect channels", GoalRead: "read goals", GoalEdit: "edit goals and plan",
	CampaignRead: "read campaigns", CampaignEdit: "edit campaigns", AssetUpload: "upload assets",
	PostRead: "read posts", PostDraft: "draft posts", PostSchedule: "schedule, move and publish posts",
	PostApprove: "approve posts", QueuePause: "pause queue and channels", PublishStop: "emergency stop",
	PublishRelease: "release the emergency stop", InboxRead: "read the inbox", InboxReply: "reply in the inbox",
	InboxModerate: "hide, mute and ban", InboxRules: "edit saved replies and rules", LinkEdit: "edit short links",
	OrderRead: "read customers and orders", OrderImport: "import orders", AnalyticsRead: "read analytics",
	DataExport: "export data", KeyManage: "manage API keys", AuditRead: "read the audit log",
}

// matrix is PRODUCT §1.2, one row per capability. Rows end with the roles that are not named having None.
var matrix = map[Capability]map[Role]Level{
	WorkspaceDelete: row(full(Owner)),
	WorkspaceManage: row(full(Owner, Admin)),
	ChannelConnect:  row(full(Owner, Admin, Manager), through(Marketer)),
	GoalRead:        row(full(Owner, Admin, Strategist, Marketer, Manager, Community, Creator, Analyst)),
	GoalEdit:        row(full(Owner, Strategist, Marketer)),
	CampaignRead:    row(full(Owner, Admin, Strategist, Marketer, Manager, Community, Creator, Analyst, Client, Sales)),
	CampaignEdit:    row(full(Owner, Strategist, Marketer, Manager)),
	AssetUpload:     row(full(Owner, Admin, Strategist, Marketer, Manager), own(Community, Creator)),
	PostRead:        row(full(Owner, Admin, Strategist, Marketer, Manager, Community, Creator, Analyst)),
	PostDraft:       row(full(Owner, Strategist, Marketer, Manager, Community, Creator)),
	PostSchedule:    row(full(Owner, Manager), through(Marketer, Community)),
	PostApprove:     row(full(Owner, Strategist, Marketer, Manager)),
	QueuePause:      row(full(Owner, Admin, Manager)),
	PublishStop:     row(full(Owner, Admin, Strategist, Marketer, Manager, Community)),
	PublishRelease:  row(full(Owner, Admin)),
	InboxRead:       row(full(Owner, Admin, Strategist, Marketer, Manager, Community, Analyst), own(Sales)),
	InboxReply:      row(full(Owner, Manager, Community), own(Sales)),
	InboxModerate:   row(full(Owner, Manager, Community)),
	InboxRules:      row(full(Owner, Admin, Manager, Community)),
	LinkEdit:        row(full(Owner, Admin, Marketer, Manager)),
	OrderRead:       row(full(Owner, Strategist, Marketer, Analyst, Sales)),
	OrderImport:     row(full(Owner, Admin, Marketer, Analyst)),
	AnalyticsRead:   row(full(Owner, Admin, Strategist, Marketer, Manager, Community, Analyst, Sales), own(Creator)),
	DataExport:      row(full(Owner, Admin, Strategist, Marketer, Manager, Analyst), own(Community, Sales)),
	KeyManage:       row(full(Owner, Admin), own(Strategist, Marketer, Manager, Community, Analyst)),
	AuditRead:       row(full(Owner, Admin, Analyst), own(Manager, Community)),
}

func row(cells ...map[Role]Level) map[Role]Level {
	r := map[Role]Level{}
	for _, cell := range cells {
		for role, level := range cell {
			r[role] = level
		}
	}
	return r
}

func full(roles ...Role) map[Role]Level    { return level(Full, roles) }
func through(roles ...Role) map[Role]Level { return level(Approval, roles) }
func own(roles ...Role) map[Role]Level     { return level(Own, roles) }

func level(l Level, roles []Role) map[Role]Level {
	cells := map[Role]Level{}
	for _, role := range roles {
		cells[role] = l
	}
	return cells
}
