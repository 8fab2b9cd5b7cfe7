package shop

import (
	"github.com/soukchat/souk/bots"
)

// routes lists everything members can do: what a command, a button, a menu, a
// form or a deep link names. Words in angle brackets are left open. Those that
// act change something, and their answer is kept for a repeated event, but for
// those that do it once whatever is repeated.
func routes() []route {
	return []route{
		{path: "start", do: (*Shop).start},
		{path: "shop", do: (*Shop).start},
		{path: "help", do: (*Shop).help},

		{path: "categories", do: (*Shop).categories},
		{path: "categories <page>", do: (*Shop).categories},
		{path: "category <category> <page>", do: (*Shop).category},
		{path: "all", do: (*Shop).everything},
		{path: "all <page>", do: (*Shop).everything},
		{path: "search", do: (*Shop).search},
		{path: "find <query> <page>", do: (*Shop).found},

		// A product, by itself or, with a p more, opened from a pick.
		{path: "p <product>", do: (*Shop).p},
		{path: "p <product> <variant>", do: (*Shop).p},
		{path: "pg <product> <page>", do: (*Shop).pg},
		{path: "pn <product> <value> <page>", do: (*Shop).pn},
		{path: "pp <pick> <product>", do: (*Shop).pp},
		{path: "pp <pick> <product> <variant>", do: (*Shop).pp},
		{path: "ppg <pick> <product> <page>", do: (*Shop).ppg},
		{path: "ppn <pick> <product> <value> <page>", do: (*Shop).ppn},
		{path: "share <product>", do: (*Shop).share, acts: true},

		// Who wants to see what has an age is asked once, and goes on where they were.
		{path: "aged <age>", do: (*Shop).agedWhy},
		{path: "aged <age> <a>", do: (*Shop).agedWhy},
		{path: "aged <age> <a> <b>", do: (*Shop).agedWhy},
		{path: "aged <age> <a> <b> <c>", do: (*Shop).agedWhy},
		{path: "aged <age> <a> <b> <c> <d>", do: (*Shop).agedWhy},
		{path: "born", do: (*Shop).born, acts: true, asks: true},
		{path: "born <a>", do: (*Shop).born, acts: true, asks: true},
		{path: "born <a> <b>", do: (*Shop).born, acts: true, asks: true},
		{path: "born <a> <b> <c>", do: (*Shop).born, acts: true, asks: true},
		{path: "born <a> <b> <c> <d>", do: (*Shop).born, acts: true, asks: true},
		{path: "year", do: (*Shop).bornWrong, acts: true, asks: true},

		{path: "rate <product>", do: (*Shop).reviewOpen},
		{path: "rate stars <product> <stars>", do: (*Shop).reviewStars},
		{path: "rate send <product> <stars>", do: (*Shop).reviewSend, acts: true},
		{path: "rate write <product> <stars>", do: (*Shop).reviewWrite, acts: true, asks: true},
		{path: "reviews <product> <order>", do: (*Shop).reviews},
		{path: "reviews <product> <order> <cursor>", do: (*Shop).reviews},
		{path: "review <review>", do: (*Shop).reviewed},
		{path: "review <review> <photo>", do: (*Shop).reviewed},
		{path: "questions <product>", do: (*Shop).questions},
		{path: "questions <product> <cursor>", do: (*Shop).questions},
		{path: "question <question>", do: (*Shop).question},
		{path: "question answer <question>", do: (*Shop).questionAnswer, acts: true, asks: true},
		{path: "ask <product>", do: (*Shop).ask, acts: true, asks: true},
		{path: "helpful <review>", do: (*Shop).helpful, acts: true},

		{path: "creator", do: (*Shop).creatorDesk},
		{path: "apply", do: (*Shop).apply},
		{path: "apply find", do: (*Shop).applyFind, acts: true, asks: true},
		{path: "apply for <product>", do: (*Shop).applyFor, acts: true, asks: true},
		{path: "earnings", do: (*Shop).earnings},
		{path: "earnings <cursor>", do: (*Shop).earnings},
		{path: "earning <earning>", do: (*Shop).earning},
		{path: "credits <order>", do: (*Shop).credits},
		{path: "object <earning>", do: (*Shop).object},
		{path: "object <earning> <pick>", do: (*Shop).objectWords, acts: true, asks: true},
		{path: "digest", do: (*Shop).digest},
		{path: "digest <state>", do: (*Shop).digestWant, acts: true},
		{path: "invite", do: (*Shop).invite},
		{path: "invite post", do: (*Shop).invitePost, acts: true},
		{path: "i <member>", do: (*Shop).invited},
		{path: "payouts", do: (*Shop).payouts},
		{path: "payouts connect", do: (*Shop).payoutConnect, acts: true},
		{path: "payouts now <currency>", do: (*Shop).payoutNow, acts: true},
		{path: "guides", do: (*Shop).guides},
		{path: "guides <page>", do: (*Shop).guides},
		{path: "creators", do: (*Shop).creators},
		{path: "creators <cursor>", do: (*Shop).creators},
		{path: "creator <creator>", do: (*Shop).creator},
		{path: "creator <creator> <cursor>", do: (*Shop).creator},
		{path: "looks <creator>", do: (*Shop).collections},
		{path: "look drop <collection>", do: (*Shop).collectionDrop},
		{path: "look drop <collection> <yes>", do: (*Shop).collectionDrop, acts: true},
		{path: "look <collection>", do: (*Shop).collection},
		{path: "look <collection> <cursor>", do: (*Shop).collection},
		{path: "collect <pick>", do: (*Shop).collect},
		{path: "collect <pick> <collection>", do: (*Shop).collect, acts: true},
		{path: "collection new <pick>", do: (*Shop).collectionNew, acts: true, asks: true},
		{path: "newcomers", do: (*Shop).newcomers},
		{path: "newcomers <cursor>", do: (*Shop).newcomers},
		{path: "loved", do: (*Shop).loved},
		{path: "loved <cursor>", do: (*Shop).loved},
		{path: "featured", do: (*Shop).featured},
		{path: "featured <cursor>", do: (*Shop).featured},
		{path: "brands", do: (*Shop).brands},
		{path: "brands <page>", do: (*Shop).brands},
		{path: "brand <brand>", do: (*Shop).brand},
		{path: "brand <brand> <cursor>", do: (*Shop).brand},
		{path: "goods <brand> <page>", do: (*Shop).brandGoods},
		{path: "brandfan <brand>", do: (*Shop).brandFan, acts: true},
		{path: "brandnofan <brand>", do: (*Shop).brandNoFan, acts: true},
		{path: "brandtell <brand>", do: (*Shop).brandTell, acts: true},
		{path: "brandhush <brand>", do: (*Shop).brandHush, acts: true},
		{path: "follow <creator>", do: (*Shop).follow, acts: true},
		{path: "unfollow <creator>", do: (*Shop).unfollow, acts: true},
		{path: "tell <creator>", do: (*Shop).tellOf, acts: true},
		{path: "hush <creator>", do: (*Shop).hushOf, acts: true},
		{path: "feed", do: (*Shop).feed},
		{path: "feed <cursor>", do: (*Shop).feed},
		{path: "pick <pick>", do: (*Shop).pick},
		{path: "pick <pick> <photo>", do: (*Shop).pickPhoto},
		{path: "why pick <pick>", do: (*Shop).pickWhy},
		{path: "save <pick>", do: (*Shop).save, acts: true},
		{path: "save <pick> <board>", do: (*Shop).saveOn, acts: true},
		{path: "saved", do: (*Shop).saved},
		{path: "saved <board>", do: (*Shop).saved},
		{path: "saved <board> <cursor>", do: (*Shop).saved},
		{path: "board new <pick>", do: (*Shop).boardNew, acts: true, asks: true},
		{path: "board drop <board>", do: (*Shop).boardDrop},
		{path: "board drop <board> <yes>", do: (*Shop).boardDrop, acts: true},
		{path: "pass <pick>", do: (*Shop).pass, acts: true},
		{path: "s <pick> <member>", do: (*Shop).shared},
		{path: "tag <tag>", do: (*Shop).tag},
		{path: "tag <tag> <cursor>", do: (*Shop).tag},

		{path: "posts", do: (*Shop).posts},
		{path: "posts <cursor>", do: (*Shop).posts},
		{path: "post new", do: (*Shop).postNew, acts: true},
		{path: "post <draft>", do: (*Shop).post},
		{path: "post write <draft>", do: (*Shop).postWrite, acts: true, asks: true},
		{path: "post video <draft>", do: (*Shop).postVideo, acts: true, asks: true},
		{path: "post video <draft> <no>", do: (*Shop).postNoVideo, acts: true},
		{path: "post find <draft>", do: (*Shop).postFind, acts: true, asks: true},
		{path: "post tag <draft> <product>", do: (*Shop).postTag, acts: true},
		{path: "post tag <draft> <product> <variant>", do: (*Shop).postTag, acts: true},
		{path: "post where <draft>", do: (*Shop).postWhere},
		{path: "post where <draft> <community>", do: (*Shop).postWhere, acts: true},
		{path: "post look <draft>", do: (*Shop).postLook},
		{path: "post later <draft>", do: (*Shop).postLater},
		{path: "post later <draft> <minute>", do: (*Shop).postLater, acts: true},
		{path: "post publish <draft>", do: (*Shop).postPublish, acts: true},
		{path: "post discard <draft>", do: (*Shop).postDiscard},
		{path: "post discard <draft> <yes>", do: (*Shop).postDiscard, acts: true},
		{path: "post mine <pick>", do: (*Shop).postMine},
		{path: "post edit <pick>", do: (*Shop).postEdit, acts: true},
		{path: "post copy <pick>", do: (*Shop).postCopy, acts: true},
		{path: "post pin <pick> <state>", do: (*Shop).postPin, acts: true},
		{path: "post withdraw <pick>", do: (*Shop).postWithdraw},
		{path: "post withdraw <pick> <yes>", do: (*Shop).postWithdraw, acts: true},

		{path: "wrong <question>", do: (*Shop).questionWrong},
		{path: "exchange", do: (*Shop).exchange},
		{path: "exchange <cursor>", do: (*Shop).exchange},
		{path: "sample <brief>", do: (*Shop).sample},
		{path: "sample why <brief>", do: (*Shop).sampleWhy},
		{path: "sample apply <brief>", do: (*Shop).sampleApply, acts: true, asks: true},
		{path: "bids", do: (*Shop).bids},
		{path: "bids <cursor>", do: (*Shop).bids},
		{path: "bid <bid>", do: (*Shop).bid},
		{path: "bid yes <bid>", do: (*Shop).bidYes, acts: true},
		{path: "bid no <bid>", do: (*Shop).bidNo, acts: true},
		{path: "bid back <bid>", do: (*Shop).bidBack, acts: true},
		{path: "bid address <bid>", do: (*Shop).bidAddress, acts: true, asks: true},
		{path: "bid stars <bid> <stars>", do: (*Shop).bidRate, acts: true, asks: true},

		{path: "report <kind> <subject>", do: (*Shop).report},
		{path: "report <kind> <subject> <reason>", do: (*Shop).reportWords, acts: true, asks: true},
		{path: "measures", do: (*Shop).measures},
		{path: "measure <measure>", do: (*Shop).measure},
		{path: "appeal <measure>", do: (*Shop).appeal, acts: true, asks: true},

		{path: "cart", do: (*Shop).cartShow},
		{path: "cart page <page>", do: (*Shop).cartShow},
		{path: "cart add <variant>", do: (*Shop).cartAdd, acts: true, once: true},
		{path: "cart add <pick> <variant>", do: (*Shop).cartAdd, acts: true, once: true},
		{path: "cart pick <pick>", do: (*Shop).cartPick, acts: true, once: true},
		{path: "cart line <variant>", do: (*Shop).cartOne},
		{path: "cart set <variant> <quantity>", do: (*Shop).cartSet, acts: true, once: true},
		{path: "cart mend", do: (*Shop).cartMend, acts: true},
		{path: "cart accept <prices>", do: (*Shop).cartAccept, acts: true},
		{path: "cart clear", do: (*Shop).cartClear},
		{path: "cart empty", do: (*Shop).cartEmpty, acts: true},

		{path: "checkout", do: (*Shop).checkout},
		{path: "checkout address", do: (*Shop).checkoutAddress, acts: true, asks: true},
		{path: "checkout shipping", do: (*Shop).shipping},
		{path: "ship <brand> <option>", do: (*Shop).ship, acts: true},
		{path: "place <quote>", do: (*Shop).place, acts: true},

		{path: "code", do: (*Shop).code, acts: true, asks: true},
		{path: "code drop <promotion>", do: (*Shop).codeDrop, acts: true},
		{path: "code off", do: (*Shop).codeOff, acts: true},
		{path: "offers", do: (*Shop).offers},
		{path: "offer <offer>", do: (*Shop).offerOne},
		{path: "claim <offer>", do: (*Shop).claim, acts: true},

		{path: "drops", do: (*Shop).allDrops},
		{path: "why", do: (*Shop).why},
		{path: "drop <drop>", do: (*Shop).drop},
		{path: "drop claim <drop>", do: (*Shop).dropClaim, acts: true, once: true},
		{path: "drop claim <drop> <variant>", do: (*Shop).dropClaim, acts: true, once: true},
		{path: "drop tell <drop>", do: (*Shop).dropTell, acts: true},
		{path: "drop hush <drop>", do: (*Shop).dropHush, acts: true},
		{path: "drop claim <drop> <variant> <seat>", do: (*Shop).dropClaim, acts: true, once: true},
		{path: "drop swap <entry> <variant>", do: (*Shop).dropSwap, acts: true},
		{path: "drop leave <drop>", do: (*Shop).dropLeave, acts: true}, // of an older program
		{path: "drop leave <drop> <entry>", do: (*Shop).dropGiveUp, acts: true},
		{path: "drop leave <drop> <entry> line", do: (*Shop).dropLeaveLine, acts: true},
		{path: "drop object <entry>", do: (*Shop).dropObject, acts: true, asks: true},
		{path: "drop why <drop>", do: (*Shop).dropWhy},
		{path: "drop proof <drop>", do: (*Shop).dropProof},
		{path: "drop list <drop>", do: (*Shop).dropList},
		{path: "drop order <entry> <quote>", do: (*Shop).dropOrder, acts: true},

		// With a kept card: the cart, or a variant past it, opened from a pick.
		{path: "wait <variant>", do: (*Shop).wait, acts: true},
		{path: "wait off <variant>", do: (*Shop).waitOff, acts: true},
		{path: "wait order <place> <quote>", do: (*Shop).waitOrder, acts: true},

		{path: "buy", do: (*Shop).buy},
		{path: "buy <variant>", do: (*Shop).buy},
		{path: "buy address <variant>", do: (*Shop).buyAddress, acts: true, asks: true},
		{path: "buy address <pick> <variant>", do: (*Shop).buyAddress, acts: true, asks: true},
		{path: "buy <pick> <variant>", do: (*Shop).buy},
		{path: "pay <card> <quote> <made>", do: (*Shop).pay, acts: true},
		{path: "pay <card> <variant> <quote> <made>", do: (*Shop).pay, acts: true},
		{path: "pay <card> <pick> <variant> <quote> <made>", do: (*Shop).pay, acts: true},
		{path: "charge <order> <card>", do: (*Shop).charge, acts: true},
		{path: "otherway <order>", do: (*Shop).otherWay, acts: true},
		{path: "cards", do: (*Shop).cards},
		{path: "cards one <card>", do: (*Shop).cardOne},
		{path: "cards first <card>", do: (*Shop).cardFirst, acts: true},
		{path: "cards remove <card>", do: (*Shop).cardRemove, acts: true},
		{path: "cards agree", do: (*Shop).cardsAgree, acts: true},
		{path: "cards withdraw", do: (*Shop).cardsWithdraw, acts: true},
		{path: "keepcard <state>", do: (*Shop).keepCard, acts: true},

		{path: "wallet", do: (*Shop).wallet},
		{path: "wallet points <state>", do: (*Shop).walletPoints, acts: true},
		{path: "tier", do: (*Shop).tier},
		{path: "points <state>", do: (*Shop).points, acts: true},
		{path: "points <state> <variant>", do: (*Shop).points, acts: true},
		{path: "points <state> <pick> <variant>", do: (*Shop).points, acts: true},
		{path: "redeem", do: (*Shop).redeem, acts: true, asks: true},

		{path: "giftcard", do: (*Shop).giftcard},
		{path: "giftcard <minor>", do: (*Shop).giftBuy, acts: true},
		{path: "gift <order>", do: (*Shop).giftOpen},
		{path: "gift send <order>", do: (*Shop).giftSend, acts: true, asks: true},
		{path: "gift keep <order>", do: (*Shop).giftKeep, acts: true},
		{path: "g <code>", do: (*Shop).giftLook},
		{path: "g take <code>", do: (*Shop).giftTake, acts: true},

		{path: "orders", do: (*Shop).orders},
		{path: "orders <cursor>", do: (*Shop).orders},
		{path: "order <order>", do: (*Shop).order},
		{path: "order cancel <order>", do: (*Shop).orderCancel, acts: true},
		{path: "invoice <order>", do: (*Shop).invoice, acts: true},
		{path: "withdraw <order>", do: (*Shop).withdraw},
		{path: "withdraw <order> <yes>", do: (*Shop).withdraw, acts: true},
		{path: "arrived <order>", do: (*Shop).parcelsArrived, acts: true},
		{path: "back <order> <units>", do: (*Shop).sendBack},
		{path: "backwhy <order> <units>", do: (*Shop).backWhy},
		{path: "backwish <order> <units> <reason>", do: (*Shop).backWish},
		{path: "backask <order> <units> <reason> <wish> <seen>", do: (*Shop).backAsk, acts: true, asks: true},
		{path: "again <order>", do: (*Shop).again, acts: true},
		{path: "receipt <order>", do: (*Shop).receipt},
		{path: "receipt pdf <order>", do: (*Shop).receiptPDF},
		{path: "receipt text <order>", do: (*Shop).receiptText},
		{path: "paper <paper>", do: (*Shop).paper},

		{path: "address", do: (*Shop).changeAddress, acts: true, asks: true},
		{path: "link", do: (*Shop).link, acts: true, asks: true},
		{path: "link code", do: (*Shop).linkCode, acts: true, asks: true},
		{path: "link yes <answer>", do: (*Shop).linkYes, acts: true},
		{path: "quiet", do: (*Shop).quiet, acts: true, asks: true},
		{path: "quiet off", do: (*Shop).quietOff, acts: true},
		{path: "quiet other", do: (*Shop).quietOther, acts: true, asks: true},
		{path: "quiet <from> <to>", do: (*Shop).quietSet, acts: true},
		{path: "privacy", do: (*Shop).privacy},
		{path: "privacy export", do: (*Shop).export},
		{path: "privacy erase", do: (*Shop).erase},
		{path: "privacy erased", do: (*Shop).erased, acts: true},
	}
}

// commandList is what members can type, in the order in which help lists it.
var commandList = []struct {
	name   string
	option string
}{
	{"start", ""}, {"shop", ""}, {"search", "query"}, {"feed", ""}, {"creators", ""}, {"creator", ""}, {"invite", ""}, {"saved", ""}, {"cart", ""}, {"offers", ""}, {"drops", ""}, {"why", ""},
	{"orders", ""}, {"wallet", ""}, {"giftcard", ""}, {"cards", ""}, {"link", "code"}, {"quiet", "hours"}, {"privacy", ""}, {"help", ""},
}

// Commands lists what members can type, as adapters register it, in all the
// languages the shop speaks.
func (s *Shop) Commands() []bots.Command {
	texts := s.now.Load().texts
	said := func(id string) map[string]string {
		list := map[string]string{}
		for i, t := range texts.tongues {
			text := bots.Clip((&Words{tongue: t}).Say(id), bots.MaxCommandText)
			if i == 0 {
				list[""] = text
			}
			list[t.tag.String()] = text
		}
		return list
	}
	var out []bots.Command
	for _, c := range commandList {
		command := bots.Command{Name: c.name, Description: said("command." + c.name)}
		if c.option != "" {
			command.Option = &bots.Option{Name: c.option, Description: said("option." + c.option), Suggests: c.name == "search"}
		}
		out = append(out, command)
	}
	if s.Staff != nil {
		out = append(out, bots.Command{Name: "staff", Description: said("command.staff"), Staff: true})
	}
	return out
}
