package notices

// The kinds of notices of moderation, with the arguments each has.
const (
	ModerationMade     = "moderation.made"     // measure: what was decided against the member
	ModerationLifted   = "moderation.lifted"   // measure: it was taken back
	ModerationAnswered = "moderation.answered" // measure: how the member's appeal ended
	ModerationShown    = "moderation.shown"    // kind, id: what was held back is shown
	StaffReport        = "staff.report"        // kind, id: something was reported
	StaffAppeal        = "staff.appeal"        // measure: a member appeals
	StaffAge           = "staff.age"           // member: who asks for another year of birth
	AgeDecided         = "age.decided"         // what became of that
)
