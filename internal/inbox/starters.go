package inbox

// Starter is a list of words to begin a hold with.
type Starter struct {
	Name, Language, Words string
}

// Starters are short on purpose: every brand has words of its own, and a list nobody has read hides the wrong things.
var Starters = []Starter{
	{"Spam, English", "en", "crypto\nforex\npassive income\nwork from home\ndm me for\nwhatsapp me\nfree followers\nbuy followers\nclick my profile\nclick the link in my bio\ninvestment opportunity\nmade me rich\ncasino*\nsugar daddy\n100% legit\n"},
	{"Insults, English", "en", "idiot*\nmoron*\nstupid\nbitch*\nbastard*\nasshole*\nfuck*\nshit*\ncunt*\nscum\nkill yourself\nshut up\n"},
	{"Spam, Deutsch", "de", "krypto*\nforex\npassives einkommen\nschnell geld verdienen\nschreib mir auf whatsapp\nfollower kaufen\nklick auf mein profil\nlink in meiner bio\ncasino*\nkredit ohne schufa\nnebenverdienst\n"},
	{"Beleidigungen, Deutsch", "de", "idiot*\ntrottel*\narschloch*\narschlöcher\nfotze*\nhurensohn*\nwichser*\nscheiß*\nscheiss*\nabschaum\nhalt die fresse\nverpiss dich\n"},
	{"Spam, français", "fr", "crypto\nforex\nrevenu passif\ngagner de l’argent\ncontactez-moi sur whatsapp\nacheter des abonnés\ncliquez sur mon profil\ncasino*\nprêt entre particuliers\n"},
	{"Insultes, français", "fr", "idiot*\nconnard*\nconnasse*\nsalope*\nputain\nmerde\nenculé*\nta gueule\nordure*\n"},
	{"Spam, español", "es", "cripto*\nforex\ningresos pasivos\ngana dinero\nescríbeme por whatsapp\ncomprar seguidores\nmira mi perfil\ncasino*\npréstamo urgente\n"},
	{"Insultos, español", "es", "idiota*\nimbécil*\ngilipollas\ncabrón*\nputa*\nmierda*\nhijo de puta\ncállate\nbasura\n"},
}
