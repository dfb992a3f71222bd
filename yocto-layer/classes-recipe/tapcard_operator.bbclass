# A recipe that puts the operator's certificate or signature into what it makes is skipped, with a sentence, until the operator
# has said where it is: nobody's kiosks should trust a key that came with a layer. So it is outside a build for kiosks.

TAPCARD_OPERATOR_FILES ?= "RAUC_KEYRING_FILE"
TAPCARD_OPERATOR_FILES[doc] = "Variables that name files of the operator."

# nooelint: oelint.task.noanonpython - a recipe can be skipped only while it is parsed
python () {
    if "tapcard" not in d.getVar("OVERRIDES").split(":"):
        raise bb.parse.SkipRecipe("this is no build for kiosks: local.conf does not require conf/tapcard.conf")
    for name in d.getVar("TAPCARD_OPERATOR_FILES").split():
        if not os.path.isfile(d.getVar(name) or ""):
            raise bb.parse.SkipRecipe("%s must be set to a file of the operator's; yocto-layer/README.md says how, under "
                                      "'How updates are signed'" % name)
}
